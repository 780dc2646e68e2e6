//! Signals as Unix has them.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use crate::registry::Listener;

mod kind;
mod stream;

pub use kind::SignalKind;
pub use stream::SignalStream;

/// Listens for one kind of signal. Made by [`signal`].
///
/// Every listener sees every delivery; deliveries between two receives are one.
/// See the [crate's docs](crate) for the whole contract.
#[must_use = "a listener does nothing unless it is asked"]
pub struct Signal {
    listener: Listener,
    location: &'static Location<'static>,
}

/// Starts to listen for signals of this kind.
///
/// Works on any thread, inside and outside of a runtime. The first listener of
/// a kind installs the handler, which replaces what the signal does by default
/// **for the rest of the process's life**, also after the listener is dropped.
///
/// # Errors
///
/// - [`io::ErrorKind::InvalidInput`]: there is no such signal, or it is one that
///   cannot or must not be handled: `SIGKILL`, `SIGSTOP`, `SIGILL`, `SIGFPE`,
///   `SIGSEGV`. The message names it.
/// - The system's error when it refuses the handler, or when the dispatcher
///   cannot be started because the process is out of threads or descriptors.
///   The next call tries again.
///
/// # Examples
///
/// ```no_run
/// use sinew_signal::unix::{SignalKind, signal};
///
/// # async fn reload() {}
/// # sinew_core::block_on(async {
/// let mut hangup = signal(SignalKind::hangup())?;
/// loop {
///     hangup.recv().await;
///     reload().await;
/// }
/// # #[expect(unreachable_code, reason = "gives the block its type")]
/// # std::io::Result::Ok(())
/// # });
/// ```
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    Signal::at(kind, Location::caller())
}

impl Signal {
    pub(crate) fn at(kind: SignalKind, location: &'static Location<'static>) -> io::Result<Signal> {
        let listener = Listener::new(kind)?;
        Ok(Signal { listener, location })
    }

    /// Waits for the next delivery.
    ///
    /// Never gives `None`; the `Option` is there because tokio has it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: a signal that it did not
    /// return is there for the next call.
    #[track_caller]
    pub fn recv(&mut self) -> Recv<'_> {
        self.recv_at(Location::caller())
    }

    pub(crate) fn recv_at(&mut self, location: &'static Location<'static>) -> Recv<'_> {
        Recv {
            signal: self,
            location,
        }
    }

    /// Receives the next delivery, or notes the waker of `cx` to be woken by it.
    ///
    /// Only the waker of the last call is kept. Never gives `None`; the `Option`
    /// is there because tokio has it.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let location = self.location;
        self.poll_at(cx, location)
    }

    fn poll_at(
        &mut self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
    ) -> Poll<Option<()>> {
        let proceed = ready!(coop::poll_proceed(cx));
        if self.listener.receive_or_wait(cx.waker()) {
            proceed.made_progress();
            return Poll::Ready(Some(()));
        }
        leaf::pending(&Wait {
            kind: Kind::Signal,
            resource: self.listener.number() as u64,
            location,
        })
    }

    /// When the delivery arrived that the next receive will give, if there is
    /// one. Later arrivals have higher numbers, over all kinds.
    pub(crate) fn arrived(&self) -> Option<u64> {
        self.listener.arrived()
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal")
            .field("number", &self.listener.number())
            .field("arrived", &self.listener.arrived().is_some())
            .field("location", &self.location)
            .finish()
    }
}

/// A wait for the next delivery. Made by [`Signal::recv`].
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct Recv<'a> {
    signal: &'a mut Signal,
    location: &'static Location<'static>,
}

impl Future for Recv<'_> {
    type Output = Option<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let location = self.location;
        self.signal.poll_at(cx, location)
    }
}

impl Drop for Recv<'_> {
    fn drop(&mut self) {
        // A waker left behind would keep its task's memory for as long as the
        // listener lives.
        self.signal.listener.forget_waker();
    }
}
