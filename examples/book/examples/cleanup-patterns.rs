//! The four patterns for clean-up, as `Drop` cannot await: need none, do it without
//! async, an async method with a bomb, and somebody else's task.
//!
//! ```text
//! 1. no need: half a file is thrown away and written anew
//! 2. sync drop: the lock file is gone
//! 3. method: connection closed, goodbye sent
//! 3. bomb: dropped without close, and says so
//! 4. cleaner: removed session 7
//! ```

use sinew::sync::mpsc;
use sinew::task::yield_now;
use sinew::time::{Duration, sleep, timeout};

/// 1. Written so that an attempt that was cut off does no harm.
async fn write_anew() -> &'static str {
    let attempt = async {
        sleep(Duration::from_secs(60)).await;
    };
    match timeout(Duration::from_secs(1), attempt).await {
        Ok(()) => "written",
        Err(_) => "half a file is thrown away and written anew",
    }
}

/// 2. Quick enough to be done in `drop`, although it blocks for a moment.
struct LockFile;

impl Drop for LockFile {
    fn drop(&mut self) {
        println!("2. sync drop: the lock file is gone");
    }
}

/// 3. Closing is a method; dropping without it is a mistake that is reported.
struct Connection {
    closed: bool,
}

impl Connection {
    async fn close(mut self) {
        yield_now().await;
        self.closed = true;
        println!("3. method: connection closed, goodbye sent");
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A panic would be louder, and an abort if another panic is under way.
        if !self.closed {
            println!("3. bomb: dropped without close, and says so");
        }
    }
}

/// 4. `drop` only sends a message; a task that outlives the owner does the work.
struct Session {
    id: u32,
    cleaner: mpsc::UnboundedSender<u32>,
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.cleaner.send(self.id);
    }
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!("1. no need: {}", write_anew().await);
    drop(LockFile);
    Connection { closed: false }.close().await;
    drop(Connection { closed: false });

    let (cleaner, mut removals) = mpsc::unbounded_channel();
    let cleaning = sinew::spawn(async move {
        while let Some(id) = removals.recv().await {
            yield_now().await;
            println!("4. cleaner: removed session {id}");
        }
    });
    drop(Session { id: 7, cleaner });
    // Waited for before the end, else it would be cut off like any other task.
    cleaning.await.expect("it does not panic");
}
