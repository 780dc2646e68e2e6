//! The book's `SocketRead`: a future that stores the callback with the socket, so that
//! nobody has to ask again and again whether something has come.
//!
//! ```text
//! poll 1: pending, the socket has the callback
//! the callback was called when data came
//! poll 2: ready, "data"
//! ```

use std::cell::{Cell, RefCell};

enum Poll<T> {
    Ready(T),
    Pending,
}

/// The real trait has `Pin<&mut Self>` and a `Context` instead.
trait SimpleFuture {
    type Output;
    fn poll(&mut self, wake: fn()) -> Poll<Self::Output>;
}

#[derive(Default)]
struct Socket {
    received: RefCell<Vec<u8>>,
    /// Whom to tell. A function alone cannot say which future it is for: that is why the
    /// real `Waker` has data too.
    callback: Cell<Option<fn()>>,
}

impl Socket {
    /// What the system does when bytes arrive.
    fn receive(&self, data: &[u8]) {
        self.received.borrow_mut().extend_from_slice(data);
        if let Some(wake) = self.callback.take() {
            wake();
        }
    }
}

struct SocketRead<'a>(&'a Socket);

impl SimpleFuture for SocketRead<'_> {
    type Output = Vec<u8>;

    fn poll(&mut self, wake: fn()) -> Poll<Vec<u8>> {
        let received = self.0.received.take();
        if received.is_empty() {
            self.0.callback.set(Some(wake));
            return Poll::Pending;
        }
        Poll::Ready(received)
    }
}

thread_local!(static WOKEN: Cell<bool> = const { Cell::new(false) });

fn main() {
    let socket = Socket::default();
    let mut read = SocketRead(&socket);
    for number in 1.. {
        match read.poll(|| WOKEN.set(true)) {
            Poll::Pending => println!("poll {number}: pending, the socket has the callback"),
            Poll::Ready(data) => {
                let text = String::from_utf8_lossy(&data);
                println!("poll {number}: ready, {text:?}");
                return;
            }
        }
        socket.receive(b"data");
        // An executor sleeps until then, or polls another future.
        assert!(WOKEN.take(), "polled only after having been woken");
        println!("the callback was called when data came");
    }
}
