//! Buffers and async IO. A future that reads holds its buffer for as long as it waits,
//! so it borrows one that lives long enough, or owns it. `Bytes` shares one without
//! copying.
//!
//! ```text
//! a borrowed buffer, reused: "head" "body"
//! a growing buffer: "headbody", then frames of it: "head" and "body"
//! both frames in one allocation: true
//! sent to 3 peers without a copy: true
//! ```

use bytes::{Bytes, BytesMut};
use sinew::io::duplex;
use sinew::prelude::*;
use sinew::task::JoinSet;

#[sinew::main]
async fn main() -> std::io::Result<()> {
    let (mut ours, mut theirs) = duplex(64);
    theirs.write_all(b"headbody").await?;

    // Lent for the time of a read. With readiness the system writes into it during the
    // call only; with completion (io_uring) it may do so later, when a future that was
    // dropped has given the buffer back already. Files are read that way here, and the
    // ring then has buffers of its own.
    let mut four = [0; 4];
    ours.read_exact(&mut four).await?;
    let head = String::from_utf8_lossy(&four).into_owned();
    ours.read_exact(&mut four).await?;
    let body = String::from_utf8_lossy(&four);
    println!("a borrowed buffer, reused: {head:?} {body:?}");

    // Grows by what is read, without being filled with zeros before.
    theirs.write_all(b"headbody").await?;
    let mut buffer = BytesMut::with_capacity(16);
    while buffer.len() < 8 {
        ours.read_buf(&mut buffer).await?;
    }
    let all = String::from_utf8_lossy(&buffer).into_owned();
    // Takes a part off the front; both parts point into the same memory.
    let head: Bytes = buffer.split_to(4).freeze();
    let body: Bytes = buffer.freeze();
    println!(
        "a growing buffer: {all:?}, then frames of it: {:?} and {:?}",
        String::from_utf8_lossy(&head),
        String::from_utf8_lossy(&body)
    );
    let adjacent = std::ptr::eq(head.as_ptr_range().end, body.as_ptr());
    println!("both frames in one allocation: {adjacent}");

    // A clone counts a reference. Each task owns its own, so it may be spawned.
    let mut set = JoinSet::new();
    for _ in 0..3 {
        let (body, mut peer) = (body.clone(), sinew::io::sink());
        set.spawn(async move {
            peer.write_all(&body).await.expect("a sink takes all");
            body.as_ptr() as usize
        });
    }
    let places = set.join_all().await;
    let shared = places.iter().all(|place| *place == body.as_ptr() as usize);
    println!("sent to {} peers without a copy: {shared}", places.len());
    Ok(())
}
