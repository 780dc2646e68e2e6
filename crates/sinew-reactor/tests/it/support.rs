//! How the tests run: one thread that polls futures and turns the reactor.

use std::future::Future;
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use sinew_reactor::{Async, BackendKind, Reactor};

/// Bounds a test that would hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a test over each backend.
pub(crate) fn each(test: impl Fn(Arc<Reactor>)) {
    for kind in BackendKind::ALL {
        test(Reactor::with_backend(*kind).unwrap());
    }
}

/// Whether it tells only of what it is asked for.
#[cfg(target_os = "linux")]
pub(crate) fn is_epoll(reactor: &Reactor) -> bool {
    reactor.backend() == BackendKind::Epoll
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_epoll(_: &Reactor) -> bool {
    false
}

/// A waker that counts.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Wakes {
    pub(crate) fn new() -> (Arc<Wakes>, Waker) {
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(wakes.clone());
        (wakes, waker)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Runs `future` while turning the reactor. Polls it only when it was woken, so
/// that a lost wake-up fails the test.
pub(crate) fn drive<T>(reactor: &Reactor, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let before = wakes.count();
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        while wakes.count() == before {
            assert!(Instant::now() < deadline, "nobody woke the task");
            reactor.lock().turn(Some(PATIENCE)).unwrap();
        }
    }
}

/// Takes whatever events there are.
pub(crate) fn drain(reactor: &Reactor) {
    while reactor.lock().turn(Some(Duration::ZERO)).unwrap() > 0 {}
}

/// Polls once.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// A connected pair of TCP streams: (client, server).
pub(crate) fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    (client, server)
}

/// Reads as `sinew-net`'s streams do: a short read saves the next call.
pub(crate) async fn read_bytes<T>(io: &Async<T>, buf: &mut [u8]) -> io::Result<usize>
where
    T: AsFd,
    for<'a> &'a T: Read,
{
    std::future::poll_fn(|cx| io.poll_read_bytes(cx, buf, |mut io, buf| io.read(buf))).await
}

/// Reads to the end in pieces of `piece` bytes.
pub(crate) async fn read_to_end<T>(io: &Async<T>, piece: usize) -> io::Result<Vec<u8>>
where
    T: AsFd,
    for<'a> &'a T: Read,
{
    let mut data = Vec::new();
    let mut buf = vec![0; piece];
    loop {
        match read_bytes(io, &mut buf).await? {
            0 => return Ok(data),
            n => data.extend_from_slice(&buf[..n]),
        }
    }
}
