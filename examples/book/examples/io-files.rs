//! Files are not like sockets: for the system a file is always ready, and reading it may
//! block all the same. So a runtime hands it to a pool of threads, or asks the kernel to
//! say when it has been done (io_uring). What is in the cache needs neither.
//!
//! ```text
//! read back: "first\nsecond\n"
//! from byte 6 on: "second"
//! by a thread of the pool: "first\nsecond\n"
//! by the ring: [..]
//! ```

use std::io::SeekFrom;
use std::path::Path;

use sinew::fs::{self, Backend, File};
use sinew::prelude::*;

async fn read_with(backend: Backend, path: &Path) -> std::io::Result<String> {
    // For files that are opened on this thread, while the guard lives.
    let entered = backend.enter()?;
    let mut file = File::open(path).await?;
    drop(entered);
    let mut text = String::new();
    file.read_to_string(&mut text).await?;
    Ok(text)
}

#[sinew::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let name = format!("sinew-book-io-files-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut file = File::create(&path).await?;
    file.write_all(b"first\nsecond\n").await?;
    // Written to the system, not to the disk: that is `sync_all`.
    file.flush().await?;
    println!("read back: {:?}", fs::read_to_string(&path).await?);

    let mut file = File::open(&path).await?;
    file.seek(SeekFrom::Start(6)).await?;
    let mut word = [0; 6];
    file.read_exact(&mut word).await?;
    println!("from byte 6 on: {:?}", String::from_utf8_lossy(&word));

    let text = read_with(Backend::ThreadPool, &path).await?;
    println!("by a thread of the pool: {text:?}");
    match read_with(Backend::IoUring, &path).await {
        Ok(text) => println!("by the ring: {text:?}"),
        Err(error) => println!("by the ring: this system does not allow it: {error}"),
    }
    fs::remove_file(&path).await
}
