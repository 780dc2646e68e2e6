//! An unbounded sender as a `Sink`.
//!
//! The sender itself is none: `send` of the extension trait for sinks would then be
//! found before its own.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_sink::Sink;

use super::error::SendError;
use super::unbounded::UnboundedSender;
use crate::PollSendError;

/// An unbounded sender as a `Sink`, always ready while the channel is open. Made by
/// [`UnboundedSender::into_sink`]. For a bounded one there is
/// [`PollSender`](crate::PollSender).
///
/// ```
/// use futures::SinkExt;
/// use sinew_sync::mpsc;
///
/// # sinew_core::block_on(async {
/// let (tx, mut rx) = mpsc::unbounded_channel();
/// let mut sink = tx.into_sink();
/// sink.send(1).await.unwrap();
/// sink.close().await.unwrap();
/// assert_eq!(rx.recv().await, Some(1));
/// assert_eq!(rx.recv().await, None);
/// # });
/// ```
#[must_use = "sinks do nothing unless they are used"]
pub struct UnboundedSink<T> {
    /// `None` once this is closed.
    sender: Option<UnboundedSender<T>>,
}

impl<T> UnboundedSink<T> {
    pub(super) fn new(sender: UnboundedSender<T>) -> Self {
        UnboundedSink {
            sender: Some(sender),
        }
    }

    /// The sender; `None` once this is closed.
    #[must_use]
    pub fn get_ref(&self) -> Option<&UnboundedSender<T>> {
        self.sender.as_ref()
    }
}

impl<T> Sink<T> for UnboundedSink<T> {
    type Error = PollSendError<T>;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        let open = self.sender.as_ref().is_some_and(|tx| !tx.is_closed());
        Poll::Ready(open.then_some(()).ok_or(PollSendError(None)))
    }

    fn start_send(self: Pin<&mut Self>, message: T) -> Result<(), Self::Error> {
        let Some(sender) = &self.sender else {
            return Err(PollSendError(Some(message)));
        };
        let sent = sender.send(message);
        sent.map_err(|SendError(message)| PollSendError(Some(message)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.sender = None;
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for UnboundedSink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSink")
            .field("closed", &self.sender.is_none())
            .finish_non_exhaustive()
    }
}
