//! `SyncIoBridge` with a runtime's handle.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use sinew::io::{AsyncRead, AsyncWrite, SyncIoBridge, duplex};
use sinew::runtime::{Handle, Id, Runtime};

/// Reads as the id of the runtime that is the current one when it is polled.
struct Whose(Id);

impl AsyncRead for Whose {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let here = Handle::try_current().is_ok_and(|handle| handle.id() == self.0);
        buf[0] = u8::from(here);
        Poll::Ready(Ok(1))
    }
}

#[test]
fn the_stream_is_polled_in_the_handles_runtime() {
    let runtime = Runtime::new().unwrap();
    let id = runtime.handle().id();
    let mut buf = [9];
    SyncIoBridge::new(Whose(id)).read_exact(&mut buf).unwrap();
    assert_eq!(buf, [0], "no runtime is entered here");
    let handle = runtime.handle().clone();
    let mut bridge = SyncIoBridge::new_with_handle(Whose(id), handle);
    bridge.read_exact(&mut buf).unwrap();
    assert_eq!(buf, [1]);
    assert!(Handle::try_current().is_err(), "left again");
}

#[test]
fn both_sides_block_on_threads_of_their_own() {
    let runtime = Runtime::new().unwrap();
    let (near, far) = duplex(3);
    let handle = runtime.handle().clone();
    let mut to = SyncIoBridge::new_with_handle(near, handle.clone());
    assert!(to.is_write_vectored());
    let writer = thread::spawn(move || {
        to.write_all(b"more than fits").unwrap();
        to.shutdown().unwrap();
        to.into_inner()
    });
    let mut text = String::new();
    let mut from = SyncIoBridge::new_with_handle(far, handle);
    from.read_to_string(&mut text).unwrap();
    assert_eq!(text, "more than fits");
    let mut near = writer.join().unwrap();
    let write =
        Pin::new(&mut near).poll_write(&mut Context::from_waker(std::task::Waker::noop()), b"x");
    assert!(matches!(write, Poll::Ready(Err(_))), "it is shut down");
}
