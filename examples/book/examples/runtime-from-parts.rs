//! Writing a runtime, from the parts on crates.io: `async-task` keeps a future in a
//! cell, `concurrent-queue` holds the tasks that can go on, `polling` waits for the
//! system, and `parking` is how a thread sleeps that has no sockets. An echo server
//! and its client run on it, on one thread.
//!
//! ```text
//! the server has a connection
//! the client got "hello from the client"
//! the main thread slept until the last task had ended
//! ```

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use async_task::{Runnable, Task};
use concurrent_queue::ConcurrentQueue;
use parking::Unparker;
use polling::{Event, Events, Poller};

/// The tasks that can go on, and who waits for which descriptor.
struct Runtime {
    ready: ConcurrentQueue<Runnable>,
    poller: Poller,
    waiting: Mutex<HashMap<usize, Waker>>,
    next_key: AtomicUsize,
}

/// One for the process, so that whoever makes a socket need not be told of it.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime {
        ready: ConcurrentQueue::unbounded(),
        poller: Poller::new().expect("the system has something to wait on"),
        waiting: Mutex::default(),
        next_key: AtomicUsize::new(0),
    })
}

/// The executor's half: a woken task goes into the queue, and whoever sleeps in the
/// poller gets up for it.
fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
    let schedule = |task| {
        let pushed = runtime().ready.push(task);
        pushed.expect("the queue is never closed, and has no bound");
        runtime().poller.notify().expect("the poller is there");
    };
    let (runnable, task) = async_task::spawn(future, schedule);
    runnable.schedule();
    task
}

/// Runs tasks for ever: all that can go on, then sleep until something happens.
fn run() -> io::Result<()> {
    let runtime = runtime();
    let mut events = Events::new();
    loop {
        while let Ok(task) = runtime.ready.pop() {
            task.run();
        }
        events.clear();
        // Returns at once if a task was scheduled since the queue was empty.
        runtime.poller.wait(&mut events, None)?;
        let mut waiting = runtime.waiting.lock().expect("no waker panics");
        for event in events.iter() {
            if let Some(waker) = waiting.remove(&event.key) {
                waker.wake();
            }
        }
    }
}

/// The reactor's half: a descriptor, and how to wait for it.
struct Socket<S: AsFd> {
    inner: S,
    key: usize,
}

impl<S: AsFd> Socket<S> {
    /// `inner` does not block.
    fn new(inner: S) -> io::Result<Socket<S>> {
        let key = runtime().next_key.fetch_add(1, Ordering::Relaxed);
        // SAFETY: it is taken out again when the socket is dropped, before it is closed.
        unsafe { runtime().poller.add(&inner.as_fd(), Event::none(key))? };
        Ok(Socket { inner, key })
    }

    /// Calls `operation` until it need not wait.
    async fn with<T>(
        &self,
        interest: fn(usize) -> Event,
        mut operation: impl FnMut(&S) -> io::Result<T>,
    ) -> io::Result<T> {
        poll_fn(|cx| match operation(&self.inner) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let mut waiting = runtime().waiting.lock().expect("no waker panics");
                waiting.insert(self.key, cx.waker().clone());
                // Told once; the next wait asks again.
                match runtime().poller.modify(&self.inner, interest(self.key)) {
                    Ok(()) => Poll::Pending,
                    Err(error) => Poll::Ready(Err(error)),
                }
            }
            done => Poll::Ready(done),
        })
        .await
    }
}

impl<S: AsFd> Drop for Socket<S> {
    fn drop(&mut self) {
        let _ = runtime().poller.delete(&self.inner);
    }
}

/// Blocks this thread on a future, and wakes it by `parking`.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Unparker);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let (parker, unparker) = parking::pair();
    let waker = Waker::from(Arc::new(Unpark(unparker)));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => parker.park(),
        }
    }
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    let listener = Socket::new(listener)?;
    let (stream, _) = listener.with(Event::readable, |it| it.accept()).await?;
    println!("the server has a connection");
    stream.set_nonblocking(true)?;
    let stream = Socket::new(stream)?;
    let mut buf = [0; 64];
    loop {
        let read = stream.with(Event::readable, |mut it| it.read(&mut buf));
        match read.await? {
            0 => return Ok(()),
            // A few bytes fit into an empty socket at once.
            n => {
                stream
                    .with(Event::writable, |mut it| it.write_all(&buf[..n]))
                    .await?
            }
        }
    }
}

async fn ask(addr: SocketAddr) -> io::Result<String> {
    // Blocks for a moment, which on one machine is short.
    let stream = TcpStream::connect(addr)?;
    stream.set_nonblocking(true)?;
    let stream = Socket::new(stream)?;
    let text = b"hello from the client";
    stream
        .with(Event::writable, |mut it| it.write_all(text))
        .await?;
    let mut answer = vec![0; text.len()];
    let mut filled = 0;
    while filled < answer.len() {
        let rest = &mut answer[filled..];
        filled += stream.with(Event::readable, |mut it| it.read(rest)).await?;
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn main() -> io::Result<()> {
    thread::spawn(run);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let addr = listener.local_addr()?;
    let server = spawn(serve(listener));
    let client = spawn(ask(addr));
    block_on(async {
        println!("the client got {:?}", client.await?);
        server.await
    })?;
    println!("the main thread slept until the last task had ended");
    Ok(())
}
