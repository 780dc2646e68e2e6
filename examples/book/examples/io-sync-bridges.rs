//! From sync code into async and back: `block_on`, a handle, blocking ends of
//! channels, and a blocking reader over an async one.
//!
//! ```text
//! block_on: 3
//! from a plain thread: 42
//! std's lines over an async reader: ["one", "two"]
//! ```

use std::io::BufRead;

use sinew::io::SyncIoBridge;
use sinew::runtime::Runtime;
use sinew::sync::mpsc;
use sinew::task::spawn_blocking;

fn main() -> std::io::Result<()> {
    // Sync to async: the thread waits.
    println!("block_on: {}", sinew::block_on(async { 1 + 2 }));

    // A library with a sync face keeps a runtime inside and talks to it by channel.
    let runtime = Runtime::new()?;
    let (requests, mut inbox) = mpsc::channel::<u32>(8);
    let service = runtime.spawn(async move {
        let mut total = 0;
        while let Some(number) = inbox.recv().await {
            total += number;
        }
        total
    });
    let client = std::thread::spawn(move || {
        // `blocking_send` is for threads without a runtime.
        requests.blocking_send(40).expect("the service runs");
        requests.blocking_send(2).expect("the service runs");
    });
    client.join().expect("the client does not panic");
    println!("from a plain thread: {}", runtime.block_on(service)?);

    // Async to sync: code that knows only `std::io::Read`, on the blocking pool.
    let lines = runtime.block_on(async {
        let bridge = SyncIoBridge::new(&b"one\ntwo\n"[..]);
        let reader = std::io::BufReader::new(bridge);
        spawn_blocking(|| reader.lines().collect::<Result<Vec<_>, _>>()).await
    })?;
    println!("std's lines over an async reader: {:?}", lines?);
    Ok(())
}
