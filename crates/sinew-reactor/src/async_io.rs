//! `Async<T>`: any object with a descriptor, without blocking.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::readiness::{Direction, Waiting};
use crate::registration::Registration;
use crate::{Interest, Reactor, Ready};

mod bytes;
mod traits;

pub use bytes::Received;

/// An object with a descriptor, made non-blocking and watched by a reactor.
///
/// Made on the [current reactor](Reactor::current), which has to be turned for
/// waits to end: by the runtime that entered it, or by the default reactor's own
/// thread. Which executor polls the futures does not matter.
///
/// The object is to be used through `&T`: there is no `&mut T` to be had, which
/// could exchange the descriptor for another that is not registered.
///
/// # Reading and writing
///
/// `Async<T>` has the traits of `futures-io` where `T` has [`Read`](io::Read) or
/// [`Write`](io::Write), and `&Async<T>` where `&T` has them. With the features
/// `tokio-io` and `hyper` it has tokio's and hyper's as well. A write's end is told
/// to the peer of a socket, as `sinew-net`'s streams do it.
///
/// # Waiting
///
/// Any number of tasks may wait in each direction. The `async` methods and the
/// `poll_*` methods on `&self` may be mixed freely. The `poll_*_exclusive`
/// methods are faster and remember only the last task that polled in their
/// direction; the exclusive borrow says that there is no other.
///
/// # Operations
///
/// A closure that is handed to one of the methods tries the operation on the
/// object and returns [`WouldBlock`](io::ErrorKind::WouldBlock) if the
/// *descriptor* said so, and only then: readiness is cleared on that, and comes
/// back with the system's next event.
///
/// # Examples
///
/// ```
/// use sinew_reactor::Async;
/// use std::io::{Read, Write};
/// use std::os::unix::net::UnixStream;
///
/// # fn main() -> std::io::Result<()> {
/// let (mut near, far) = UnixStream::pair()?;
/// let far = Async::new(far)?;
/// let writer = std::thread::spawn(move || near.write_all(b"hello"));
///
/// let mut buf = [0; 5];
/// let n = sinew_core::block_on(far.read_with(|mut io| io.read(&mut buf)))?;
/// assert_eq!(&buf[..n], b"hello");
/// # writer.join().unwrap()
/// # }
/// ```
///
/// The same with the traits, and their extension methods from whatever crate:
///
/// ```
/// use futures_io::AsyncRead;
/// use sinew_reactor::Async;
/// use std::future::poll_fn;
/// use std::os::unix::net::UnixStream;
/// use std::pin::Pin;
///
/// # fn main() -> std::io::Result<()> {
/// let (near, far) = UnixStream::pair()?;
/// drop(near);
/// let mut far = Async::new(far)?;
///
/// let mut buf = [0; 5];
/// let read = poll_fn(|cx| Pin::new(&mut far).poll_read(cx, &mut buf));
/// assert_eq!(sinew_core::block_on(read)?, 0);
/// # Ok(())
/// # }
/// ```
pub struct Async<T: AsFd> {
    registration: Registration,
    /// Present until `into_inner` takes it out, which ends the value.
    io: Option<T>,
}

impl<T: AsFd> Async<T> {
    /// Makes `io` non-blocking and registers it with the
    /// [current reactor](Reactor::current).
    ///
    /// # Errors
    ///
    /// As [`with_reactor`](Self::with_reactor); or the default reactor cannot be
    /// started. `io` is dropped then.
    #[track_caller]
    pub fn new(io: T) -> io::Result<Async<T>> {
        Async::with_reactor(io, Reactor::current()?)
    }

    /// As [`new`](Self::new), for an object that is non-blocking already: saves
    /// a system call. With one that is not, operations block their thread.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub fn new_nonblocking(io: T) -> io::Result<Async<T>> {
        Async::register(io, Reactor::current()?, Location::caller())
    }

    /// As [`new_nonblocking`](Self::new_nonblocking), saying where the object
    /// was made: for a function that registers inside of a poll, where there is
    /// no caller to be tracked any more.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn new_nonblocking_at(io: T, location: &'static Location<'static>) -> io::Result<Async<T>> {
        Async::register(io, Reactor::current()?, location)
    }

    /// As [`new_nonblocking_at`](Self::new_nonblocking_at), for an object that has room to
    /// be written to, as a socket has that was just made or connected.
    ///
    /// It is [taken for](Self::assume_ready) writable, and where the system can, it is only
    /// told of room once it has run out of it. That spares a Unix socket, a pipe and a
    /// socket of packets an event whenever the other side takes something; it costs a
    /// system call when there is no room for the first time.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn new_with_room_at(io: T, location: &'static Location<'static>) -> io::Result<Async<T>> {
        // SAFETY: as in `register`.
        let registration =
            unsafe { Registration::with_room(Reactor::current()?, io.as_fd(), location) }?;
        Ok(Async {
            registration,
            io: Some(io),
        })
    }

    /// Makes `io` non-blocking and registers it with `reactor`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down; the descriptor is of a kind that has no
    /// readiness, like a regular file; it is registered with this reactor
    /// already; or the system is out of memory or watches. `io` is dropped then.
    #[track_caller]
    pub fn with_reactor(io: T, reactor: Arc<Reactor>) -> io::Result<Async<T>> {
        rustix::io::ioctl_fionbio(io.as_fd(), true)?;
        Async::register(io, reactor, Location::caller())
    }

    fn register(
        io: T,
        reactor: Arc<Reactor>,
        location: &'static Location<'static>,
    ) -> io::Result<Async<T>> {
        // SAFETY: `io` is kept and never lent mutably; `drop` and `into_inner`
        // deregister before they let it go. Should `T` close its descriptor by
        // itself, or borrow it and this value be forgotten, the system forgets
        // the descriptor when it is closed: see `Source::new`.
        let registration =
            unsafe { Registration::new(reactor, io.as_fd(), Interest::all(), location) }?;
        Ok(Async {
            registration,
            io: Some(io),
        })
    }

    /// The object.
    #[expect(
        clippy::missing_panics_doc,
        reason = "only a value already consumed lacks its object"
    )]
    #[must_use]
    pub fn get_ref(&self) -> &T {
        // Absent only in the drop that ends `into_inner`.
        self.io
            .as_ref()
            .expect("the object is here until into_inner")
    }

    /// Deregisters the object and gives it back. It stays non-blocking.
    ///
    /// # Errors
    ///
    /// The system's error in deregistering; the object is dropped then.
    #[expect(
        clippy::missing_panics_doc,
        reason = "only a value already consumed lacks its object"
    )]
    pub fn into_inner(mut self) -> io::Result<T> {
        self.registration.deregister(self.get_ref())?;
        Ok(self.io.take().expect("the object is here until into_inner"))
    }

    /// The reactor that watches it.
    #[must_use]
    pub fn reactor(&self) -> &Arc<Reactor> {
        self.registration.reactor()
    }

    /// Takes the object for ready for `ready` before there has been an event, so
    /// that the first operation is tried at once. For objects that are likely
    /// to be ready when they are made, like a connection just accepted. A wrong
    /// guess costs one operation that would block.
    ///
    /// Not for a socket whose connect is under way: there, writable means
    /// connected.
    pub fn assume_ready(&self, ready: Ready) {
        self.registration.readiness().assume(ready);
    }

    /// Waits until reading is worth trying.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn readable(&self) -> io::Result<()> {
        self.registration.wait(Interest::READABLE).await.map(drop)
    }

    /// Waits until writing is worth trying.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn writable(&self) -> io::Result<()> {
        self.registration.wait(Interest::WRITABLE).await.map(drop)
    }

    /// Waits until the object is ready for any of `interest`; returns what of it
    /// it is ready for.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        let seen = self.registration.wait(interest).await?;
        Ok(seen.ready().intersection(interest))
    }

    /// Waits until reading is worth trying.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let seen = ready!(self.registration.poll_interest(cx, Interest::READABLE));
        Poll::Ready(seen.map(drop))
    }

    /// Waits until writing is worth trying.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let seen = ready!(self.registration.poll_interest(cx, Interest::WRITABLE));
        Poll::Ready(seen.map(drop))
    }

    /// Tries a reading operation as often as it takes until it does not say that
    /// it would block.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// The operation is not run after the future is dropped, and its result is
    /// returned in the poll in which it ran: nothing is lost.
    pub async fn read_with<R>(&self, mut op: impl FnMut(&T) -> io::Result<R>) -> io::Result<R> {
        let op = || op(self.get_ref());
        self.registration.async_op(Interest::READABLE, op).await
    }

    /// Tries a writing operation as often as it takes until it does not say that
    /// it would block.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// The operation is not run after the future is dropped, and its result is
    /// returned in the poll in which it ran: nothing is lost.
    pub async fn write_with<R>(&self, mut op: impl FnMut(&T) -> io::Result<R>) -> io::Result<R> {
        let op = || op(self.get_ref());
        self.registration.async_op(Interest::WRITABLE, op).await
    }

    /// Tries a reading operation; `Pending` once it says that it would block.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_read_with<R>(
        &self,
        cx: &mut Context<'_>,
        op: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(cx, Direction::Read, Waiting::Shared, op)
    }

    /// Tries a writing operation; `Pending` once it says that it would block.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_write_with<R>(
        &self,
        cx: &mut Context<'_>,
        op: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(cx, Direction::Write, Waiting::Shared, op)
    }

    /// As [`poll_read_with`](Self::poll_read_with); only the last task that
    /// polled in this direction through an exclusive borrow is woken.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_read_with_exclusive<R>(
        &mut self,
        cx: &mut Context<'_>,
        op: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(cx, Direction::Read, Waiting::Alone, op)
    }

    /// As [`poll_write_with`](Self::poll_write_with); only the last task that
    /// polled in this direction through an exclusive borrow is woken.
    ///
    /// # Errors
    ///
    /// The operation's own, or that the reactor is shut down.
    pub fn poll_write_with_exclusive<R>(
        &mut self,
        cx: &mut Context<'_>,
        op: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_with(cx, Direction::Write, Waiting::Alone, op)
    }

    fn poll_with<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        waiting: Waiting,
        mut op: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let io = self.get_ref();
        self.registration
            .poll_op(cx, direction, waiting, |_| op(io))
    }

    /// Tries an operation once if the object is thought ready for any of
    /// `interest`. Does not wait.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the object is not thought
    /// ready; the operation's own; or that the reactor is shut down.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        op: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let io = self.get_ref();
        self.registration.try_io(interest, || op(io))
    }
}

impl<T: AsFd> AsFd for Async<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsFd> Drop for Async<T> {
    fn drop(&mut self) {
        if let Some(io) = &self.io {
            // Fails when the descriptor was closed underneath; then the system
            // has forgotten it.
            let _ = self.registration.deregister(io);
        }
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for Async<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Async")
            .field("io", &self.io)
            .field("ready", &self.registration.readiness().snapshot().ready())
            .finish()
    }
}
