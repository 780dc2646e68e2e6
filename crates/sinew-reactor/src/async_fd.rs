//! `AsyncFd<T>`: a descriptor whose user says when readiness is over.

mod error;
mod guard;

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::registration::Registration;
use crate::{Interest, Reactor};

pub use error::{AsyncFdRegisterError, AsyncFdTryNewError, TryIoError};
pub use guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard};

/// An object with a descriptor, watched by a reactor, under tokio's names.
///
/// [`Async`](crate::Async) is simpler where its closures will do. This type lends
/// the object as `&mut T` too, and its waits give a *guard*: try the operation,
/// and if the descriptor says that it would block, [clear](AsyncFdReadyGuard::clear_ready)
/// the readiness that the guard stands for; [`try_io`](AsyncFdReadyGuard::try_io)
/// does both. A guard never clears what came after it.
///
/// The object must be in non-blocking mode already. Unlike tokio's, the
/// constructors ask for [`AsFd`], which makes all of them safe.
///
/// Registered for reading and writing unless said otherwise; waiting for what it
/// was not registered for waits for ever.
///
/// ```
/// use sinew_reactor::unix::AsyncFd;
/// use std::io::{self, Read, Write};
/// use std::os::unix::net::UnixStream;
///
/// async fn read(fd: &AsyncFd<UnixStream>, buf: &mut [u8]) -> io::Result<usize> {
///     loop {
///         let mut guard = fd.readable().await?;
///         match guard.try_io(|fd| fd.get_ref().read(buf)) {
///             Ok(done) => return done,
///             Err(_would_block) => {}
///         }
///     }
/// }
///
/// # fn main() -> io::Result<()> {
/// let (mut near, far) = UnixStream::pair()?;
/// far.set_nonblocking(true)?;
/// let far = AsyncFd::new(far)?;
/// near.write_all(b"hello")?;
/// let mut buf = [0; 16];
/// assert_eq!(sinew_core::block_on(read(&far, &mut buf))?, 5);
/// # Ok(())
/// # }
/// ```
pub struct AsyncFd<T: AsFd> {
    registration: Registration,
    /// Present until `into_inner` takes it out, which ends the value.
    inner: Option<T>,
}

impl<T: AsFd> AsyncFd<T> {
    /// Registers `inner` with the [current reactor](Reactor::current), for reading
    /// and writing.
    ///
    /// # Errors
    ///
    /// The reactor cannot be started or is shut down; the descriptor is of a kind
    /// that has no readiness, like a regular file; it is registered already; or
    /// the system is out of memory or watches. `inner` is dropped then; see
    /// [`try_new`](Self::try_new).
    #[track_caller]
    pub fn new(inner: T) -> io::Result<Self> {
        AsyncFd::with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// As [`new`](Self::new), for `interest` only.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<Self> {
        Ok(AsyncFd::try_with_interest(inner, interest)?)
    }

    /// As [`new`](Self::new); the error gives `inner` back.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub fn try_new(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        AsyncFd::try_with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// As [`with_interest`](Self::with_interest); the error gives `inner` back.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub fn try_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        match Reactor::current() {
            Ok(reactor) => AsyncFd::register_with(inner, interest, reactor, Location::caller()),
            Err(cause) => Err(AsyncFdRegisterError::new(inner, cause)),
        }
    }

    /// As [`try_new`](Self::try_new), by the name of tokio's function that is
    /// unsafe because it asks for less than [`AsFd`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub fn register(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        AsyncFd::try_new(inner)
    }

    /// As [`try_with_interest`](Self::try_with_interest), by the name of tokio's
    /// function that is unsafe because it asks for less than [`AsFd`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub fn register_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        AsyncFd::try_with_interest(inner, interest)
    }

    fn register_with(
        inner: T,
        interest: Interest,
        reactor: Arc<Reactor>,
        location: &'static Location<'static>,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        // SAFETY: `inner` is kept; `drop` and `into_inner` deregister before they
        // let it go. Should `inner` close or exchange its descriptor meanwhile,
        // the system forgets the old one when it is closed, and the reactor knows
        // whom a number belongs to: see `Reactor::deregister`.
        let registered = unsafe { Registration::new(reactor, inner.as_fd(), interest, location) };
        match registered {
            Ok(registration) => Ok(AsyncFd {
                registration,
                inner: Some(inner),
            }),
            Err(cause) => Err(AsyncFdRegisterError::new(inner, cause)),
        }
    }

    /// The object.
    #[expect(
        clippy::missing_panics_doc,
        reason = "only a value already consumed lacks its object"
    )]
    #[must_use]
    pub fn get_ref(&self) -> &T {
        self.inner
            .as_ref()
            .expect("the object is here until into_inner")
    }

    /// The object.
    #[expect(
        clippy::missing_panics_doc,
        reason = "only a value already consumed lacks its object"
    )]
    pub fn get_mut(&mut self) -> &mut T {
        self.inner
            .as_mut()
            .expect("the object is here until into_inner")
    }

    fn take_inner(&mut self) -> Option<T> {
        let inner = self.inner.take()?;
        // Fails when the descriptor was closed underneath; then the system has
        // forgotten it.
        let _ = self.registration.deregister(&inner);
        Some(inner)
    }

    /// Deregisters the object and gives it back.
    #[expect(
        clippy::missing_panics_doc,
        reason = "only a value already consumed lacks its object"
    )]
    pub fn into_inner(mut self) -> T {
        self.take_inner()
            .expect("the object is here until into_inner")
    }

    /// Waits until reading is worth trying. Any number of tasks may wait.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    pub fn poll_read_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let event = ready!(self.registration.poll_interest(cx, Interest::READABLE))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, event, Interest::READABLE)))
    }

    /// As [`poll_read_ready`](Self::poll_read_ready), with a guard that lends the
    /// object as `&mut T`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    pub fn poll_read_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let event = ready!(self.registration.poll_interest(cx, Interest::READABLE))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(
            self,
            event,
            Interest::READABLE,
        )))
    }

    /// Waits until writing is worth trying. Any number of tasks may wait.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    pub fn poll_write_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let event = ready!(self.registration.poll_interest(cx, Interest::WRITABLE))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, event, Interest::WRITABLE)))
    }

    /// As [`poll_write_ready`](Self::poll_write_ready), with a guard that lends the
    /// object as `&mut T`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    pub fn poll_write_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let event = ready!(self.registration.poll_interest(cx, Interest::WRITABLE))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(
            self,
            event,
            Interest::WRITABLE,
        )))
    }

    /// Waits until the object is ready for any of `interest`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn ready(&self, interest: Interest) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        let event = self.registration.wait(interest).await?;
        Ok(AsyncFdReadyGuard::new(self, event, interest))
    }

    /// As [`ready`](Self::ready), with a guard that lends the object as `&mut T`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn ready_mut(
        &mut self,
        interest: Interest,
    ) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        let event = self.registration.wait(interest).await?;
        Ok(AsyncFdReadyMutGuard::new(self, event, interest))
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
    pub async fn readable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::READABLE).await
    }

    /// As [`readable`](Self::readable), with a guard that lends the object as
    /// `&mut T`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn readable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::READABLE).await
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
    pub async fn writable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::WRITABLE).await
    }

    /// As [`writable`](Self::writable), with a guard that lends the object as
    /// `&mut T`.
    ///
    /// # Errors
    ///
    /// The reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: the readiness stays.
    pub async fn writable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::WRITABLE).await
    }

    /// Waits for `interest` and tries `f`, again until it does not fail with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock). `f` must say so if the descriptor
    /// does, and only then.
    ///
    /// # Errors
    ///
    /// The error of `f`, or that the reactor is shut down.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: what `f` has done is returned in the same poll.
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        let op = || f(self.get_ref());
        self.registration.async_op(interest, op).await
    }

    /// As [`async_io`](Self::async_io), with the object as `&mut T`.
    ///
    /// # Errors
    ///
    /// As [`async_io`](Self::async_io).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: what `f` has done is returned in the same poll.
    #[expect(
        clippy::missing_panics_doc,
        reason = "only a value already consumed lacks its object"
    )]
    pub async fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut f: impl FnMut(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        let inner = self.inner.as_mut();
        let inner = inner.expect("the object is here until into_inner");
        self.registration.async_op(interest, || f(inner)).await
    }

    /// Tries `f` once if the object is thought ready for any of `interest`. `f`
    /// must fail with [`WouldBlock`](io::ErrorKind::WouldBlock) if the descriptor
    /// says so, and only then.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) without calling `f` when the object
    /// is not thought ready; the error of `f`; or that the reactor is shut down.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.registration.try_io(interest, || f(self.get_ref()))
    }

    /// As [`try_io`](Self::try_io), with the object as `&mut T`.
    ///
    /// # Errors
    ///
    /// As [`try_io`](Self::try_io).
    #[expect(
        clippy::missing_panics_doc,
        reason = "only a value already consumed lacks its object"
    )]
    pub fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        f: impl FnOnce(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        let inner = self.inner.as_mut();
        let inner = inner.expect("the object is here until into_inner");
        self.registration.try_io(interest, || f(inner))
    }
}

impl<T: AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl<T: AsFd> Drop for AsyncFd<T> {
    fn drop(&mut self) {
        drop(self.take_inner());
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd")
            .field("inner", &self.inner)
            .finish()
    }
}
