//! Deliveries as a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Signal;

/// The deliveries of one kind of signal as a stream, which never ends.
///
/// # Cancel safety
///
/// A delivery that no poll has yielded is there for the next one, or for the
/// listener that is given back.
///
/// # Examples
///
/// ```no_run
/// use futures::StreamExt;
/// use sinew_signal::unix::{SignalKind, SignalStream, signal};
///
/// # sinew_core::block_on(async {
/// let mut hangups = SignalStream::new(signal(SignalKind::hangup())?);
/// while hangups.next().await.is_some() {
///     println!("the terminal is gone");
/// }
/// # std::io::Result::Ok(())
/// # });
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct SignalStream(Signal);

impl SignalStream {
    /// The deliveries that `signal` listens for.
    pub fn new(signal: Signal) -> SignalStream {
        SignalStream(signal)
    }

    /// The listener.
    pub fn into_inner(self) -> Signal {
        self.0
    }
}

impl Stream for SignalStream {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.0.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl AsRef<Signal> for SignalStream {
    fn as_ref(&self) -> &Signal {
        &self.0
    }
}

impl AsMut<Signal> for SignalStream {
    fn as_mut(&mut self) -> &mut Signal {
        &mut self.0
    }
}
