//! Cancel safety: a branch of `select!` that loses is dropped. `read_exact` keeps what
//! it has read in itself, so that is lost; a future that lives outside of the loop keeps
//! it, and so does a buffer that is ours.
//!
//! ```text
//! a new read_exact each turn: "cdef", two bytes are gone
//! one read_exact for all turns: "abcd"
//! read into a buffer of ours: "abcd"
//! ```

use std::pin::pin;

use sinew::io::{DuplexStream, duplex};
use sinew::prelude::*;
use sinew::time::{Duration, interval, sleep};

/// A peer that sends the half of a frame, and the rest later.
fn peer() -> DuplexStream {
    let (mut peer, ours) = duplex(64);
    sinew::spawn(async move {
        peer.write_all(b"ab").await?;
        sleep(Duration::from_millis(15)).await;
        peer.write_all(b"cdef").await
    });
    ours
}

async fn new_each_turn(mut stream: DuplexStream) -> [u8; 4] {
    let mut ticks = interval(Duration::from_millis(10));
    let mut frame = [0; 4];
    loop {
        sinew::select! {
            // When the tick wins, this has taken two bytes out of the stream, and
            // nobody remembers how many.
            done = stream.read_exact(&mut frame) => {
                done.expect("the peer sends enough");
                return frame;
            }
            _ = ticks.tick() => {}
        }
    }
}

async fn one_for_all(mut stream: DuplexStream) -> [u8; 4] {
    let mut ticks = interval(Duration::from_millis(10));
    let mut frame = [0; 4];
    {
        let mut reading = pin!(stream.read_exact(&mut frame));
        loop {
            sinew::select! {
                // Only the `&mut` is dropped.
                done = &mut reading => {
                    done.expect("the peer sends enough");
                    break;
                }
                _ = ticks.tick() => {}
            }
        }
    }
    frame
}

async fn own_buffer(mut stream: DuplexStream) -> [u8; 4] {
    let mut ticks = interval(Duration::from_millis(10));
    let (mut frame, mut filled) = ([0; 4], 0);
    while filled < frame.len() {
        sinew::select! {
            // `read` is cancel safe: if it loses, it has taken nothing.
            count = stream.read(&mut frame[filled..]) => filled += count.expect("no error"),
            _ = ticks.tick() => {}
        }
    }
    frame
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let text = |frame: [u8; 4]| String::from_utf8_lossy(&frame).into_owned();
    let lossy = text(new_each_turn(peer()).await);
    println!("a new read_exact each turn: {lossy:?}, two bytes are gone");
    let whole = text(one_for_all(peer()).await);
    println!("one read_exact for all turns: {whole:?}");
    let whole = text(own_buffer(peer()).await);
    println!("read into a buffer of ours: {whole:?}");
}
