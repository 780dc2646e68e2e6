//! An executor of one's own under `sinew::spawn`, `sinew::net` and `sinew::time`.
//!
//! Run it: `cargo run -p own-executor`
//!
//! Whoever can run a `Runnable` later is an executor. This one has a queue and
//! one thread, and no sinew runtime is started beside it. `crates.txt` lists all
//! crates that it pulls in.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread;

use sinew::net::{TcpListener, TcpStream};
use sinew::prelude::*;
use sinew::task::{JoinError, Runnable, Schedule, enter, spawn_on};
use sinew::time::{Duration, sleep, timeout};

/// Where tasks wait until they are run.
struct Queue(mpsc::Sender<Runnable>);

impl Schedule for Queue {
    fn schedule(&self, task: Runnable) {
        // Fails when `run` has returned. The task is dropped then, and whoever
        // awaits its handle is told that it was cancelled.
        let _ = self.0.send(task);
    }
}

/// Runs `future` and everything that it spawns, until `future` is done.
fn run<F>(future: F) -> Result<F::Output, JoinError>
where
    F: Future<Output: Send> + Send + 'static,
{
    let (sender, tasks) = mpsc::channel();
    let queue: Arc<dyn Schedule> = Arc::new(Queue(sender));
    // From here on, `sinew::spawn` on this thread comes to the queue.
    let _entered = enter(queue.clone());
    let main = spawn_on(queue, future);
    while !main.is_finished() {
        // Waits until a task is spawned or woken. The sockets and timers are
        // looked after by the default reactor and the default timers, each of
        // which has a thread of its own.
        match tasks.recv() {
            Ok(task) => task.run(),
            Err(_) => break,
        };
    }
    sinew::core::block_on(main)
}

/// Sends everything back until the peer closes its direction.
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

/// Sends `text` to a server spawned for it, and gives what comes back.
async fn round_trip(text: String) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let thread = thread::current().id();
    let server = sinew::spawn(async move {
        // All tasks are run by the thread that is in `run`.
        assert_eq!(thread::current().id(), thread);
        let (stream, _) = listener.accept().await?;
        sleep(Duration::from_millis(20)).await;
        echo(stream).await
    });

    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await??;
    server.await??;
    Ok(answer)
}

/// Waits for an answer that never comes. Returns whether the timeout struck.
async fn no_answer() -> io::Result<bool> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    let mut buffer = [0; 1];
    let answer = timeout(Duration::from_millis(50), stream.read(&mut buffer)).await;
    Ok(answer.is_err())
}

fn main() -> io::Result<()> {
    let answer = run(round_trip("hello".to_owned()))??;
    println!("a spawned task echoed {answer:?} over TCP");
    if run(no_answer())?? {
        println!("a read without an answer ran into its timeout");
    }
    if sinew::runtime::Handle::try_current().is_err() {
        println!("and all that was outside of any sinew runtime");
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn echoes() {
    let text = "hello ".repeat(1000);
    assert_eq!(run(round_trip(text.clone())).unwrap().unwrap(), text);
}

#[cfg(test)]
#[test]
fn the_timeout_strikes() {
    assert!(run(no_answer()).unwrap().unwrap());
}

#[cfg(test)]
#[test]
fn a_panic_is_reported() {
    async fn fail() {
        panic!("on purpose");
    }
    assert!(run(fail()).unwrap_err().is_panic());
}

#[cfg(test)]
#[test]
fn what_is_left_over_is_cancelled() {
    let [left_over] = run(async { [sinew::spawn(std::future::pending::<()>())] }).unwrap();
    assert!(sinew::core::block_on(left_over).unwrap_err().is_cancelled());
}

#[cfg(all(test, target_os = "linux"))]
#[test]
fn starts_no_worker_threads() {
    run(round_trip("hello".to_owned())).unwrap().unwrap();
    let mut names = Vec::new();
    for thread in std::fs::read_dir("/proc/self/task").unwrap() {
        // A thread of another test may have ended since it was listed.
        if let Ok(name) = std::fs::read_to_string(thread.unwrap().path().join("comm")) {
            names.push(name.trim_end().to_owned());
        }
    }
    assert!(names.contains(&"sinew-reactor".to_owned()), "{names:?}");
    assert!(!names.contains(&"sinew-worker".to_owned()), "{names:?}");
}
