//! What an idle connection with its task takes: `net-idle SUBJECT`.
//!
//! Opens connections to itself; each server end is read by a task of its own that
//! waits. Prints the bytes requested from the allocator for one connection. The
//! clients are plain sockets, which request nothing; but their descriptors count
//! where a table is indexed by descriptors.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

/// How many connections. A power of two, so that tables which double hold no
/// more than what is in them.
const CONNECTIONS: usize = 4096;

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's asks for.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the server tells: its address, then each connection that waits.
enum News {
    Listening(SocketAddr),
    Accepted,
}

fn main() -> io::Result<()> {
    let subject = std::env::args().nth(1).unwrap_or_default();
    let (news, events) = mpsc::channel();
    thread::spawn(move || serve(&subject, news));
    let Ok(News::Listening(addr)) = events.recv() else {
        return Err(io::Error::other("the server does not listen"));
    };
    let mut clients = Vec::with_capacity(2 * CONNECTIONS);
    // The first ones warm up what exists once: threads, queues, tables.
    let before = connect(&mut clients, addr, &events)?;
    let after = connect(&mut clients, addr, &events)?;
    println!("{}", (after - before) / CONNECTIONS);
    std::process::exit(0);
}

/// Opens connections and waits until the server has them; what is requested then.
fn connect(
    clients: &mut Vec<TcpStream>,
    addr: SocketAddr,
    events: &mpsc::Receiver<News>,
) -> io::Result<usize> {
    for _ in 0..CONNECTIONS {
        clients.push(TcpStream::connect(addr)?);
        if events.recv().is_err() {
            return Err(io::Error::other("the server is gone"));
        }
    }
    Ok(LIVE.load(Ordering::Relaxed))
}

fn serve(subject: &str, news: Sender<News>) {
    let result = match subject {
        "sinew" => over_sinew(false, news),
        "sinew-current" => over_sinew(true, news),
        "tokio" => over_tokio(false, news),
        "tokio-current" => over_tokio(true, news),
        "smol" => over_smol(news),
        other => Err(io::Error::other(format!("unknown subject `{other}`"))),
    };
    if let Err(error) = result {
        eprintln!("net-idle: {error}");
        std::process::exit(1);
    }
}

fn over_sinew(current: bool, news: Sender<News>) -> io::Result<()> {
    use sinew::io::AsyncReadExt;
    use sinew::runtime::Builder;

    let runtime = if current {
        Builder::new_current_thread().build()?
    } else {
        Builder::new_multi_thread().worker_threads(2).build()?
    };
    runtime.block_on(async move {
        let listener = sinew::net::TcpListener::bind("127.0.0.1:0").await?;
        let _ = news.send(News::Listening(listener.local_addr()?));
        loop {
            let (mut stream, _) = listener.accept().await?;
            sinew::spawn(async move { stream.read(&mut [0; 1]).await });
            let _ = news.send(News::Accepted);
        }
    })
}

fn over_tokio(current: bool, news: Sender<News>) -> io::Result<()> {
    use tokio::io::AsyncReadExt;
    use tokio::runtime::Builder;

    let runtime = if current {
        Builder::new_current_thread().enable_all().build()?
    } else {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build()?
    };
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let _ = news.send(News::Listening(listener.local_addr()?));
        loop {
            let (mut stream, _) = listener.accept().await?;
            tokio::spawn(async move { stream.read(&mut [0; 1]).await });
            let _ = news.send(News::Accepted);
        }
    })
}

fn over_smol(news: Sender<News>) -> io::Result<()> {
    use smol::io::AsyncReadExt;

    smol::block_on(async move {
        let executor = async_executor::Executor::new();
        let serving = async {
            let listener = smol::net::TcpListener::bind("127.0.0.1:0").await?;
            let _ = news.send(News::Listening(listener.local_addr()?));
            loop {
                let (mut stream, _) = listener.accept().await?;
                let read = async move { stream.read(&mut [0; 1]).await };
                executor.spawn(read).detach();
                let _ = news.send(News::Accepted);
            }
        };
        executor.run(serving).await
    })
}
