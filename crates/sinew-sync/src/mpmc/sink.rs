//! A sender as a `Sink`.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_sink::Sink;

use super::chan::Shared;
use super::error::{SendError, TrySendError};
use super::send::Send;
use super::sender::Sender;
use crate::PollSendError;

/// A sender as a `Sink`. Made by [`Sender::into_sink`].
///
/// Holds at most one value that has no room yet, which waits in line with those of
/// other senders; [flushed](Sink::poll_flush) is what has got into the channel.
///
/// # Cancel safety
///
/// Futures that use the sink may be dropped: a value that it holds stays in line.
/// Dropped itself, it drops that value.
///
/// ```
/// use futures::SinkExt;
/// use sinew_sync::mpmc;
///
/// # sinew_core::block_on(async {
/// let (tx, rx) = mpmc::channel(2);
/// let mut sink = tx.into_sink();
/// sink.send(1).await.unwrap();
/// sink.send(2).await.unwrap();
/// sink.close().await.unwrap();
/// assert_eq!(rx.recv().await, Ok(1));
/// assert_eq!(rx.recv().await, Ok(2));
/// assert!(rx.recv().await.is_err());
/// # });
/// ```
#[must_use = "sinks do nothing unless they are used"]
pub struct SendSink<T> {
    /// `None` once this is closed.
    sender: Option<Sender<T>>,
    waiting: Option<Waiting<T>>,
}

type Waiting<T> = Pin<Box<Send<Shared<T>, T>>>;

impl<T> SendSink<T> {
    pub(super) fn new(sender: Sender<T>) -> Self {
        SendSink {
            sender: Some(sender),
            waiting: None,
        }
    }

    /// The sender; `None` once this is closed.
    #[must_use]
    pub fn get_ref(&self) -> Option<&Sender<T>> {
        self.sender.as_ref()
    }
}

impl<T> Unpin for SendSink<T> {}

impl<T> Sink<T> for SendSink<T> {
    type Error = PollSendError<T>;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), PollSendError<T>>> {
        ready!(self.as_mut().poll_flush(cx))?;
        let open = self.sender.as_ref().is_some_and(|tx| !tx.is_closed());
        Poll::Ready(open.then_some(()).ok_or(PollSendError(None)))
    }

    /// # Panics
    ///
    /// When it was not ready.
    #[track_caller]
    fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), PollSendError<T>> {
        assert!(
            self.waiting.is_none(),
            "a value was given to a sink that was not ready"
        );
        let Some(sender) = &self.sender else {
            return Err(PollSendError(Some(value)));
        };
        match sender.try_send(value) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(value)) => Err(PollSendError(Some(value))),
            Err(TrySendError::Full(value)) => {
                let chan: Shared<T> = Shared(sender.chan().clone());
                let send = Send::new(chan, value, Location::caller());
                self.waiting = Some(Box::pin(send));
                Ok(())
            }
        }
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), PollSendError<T>>> {
        let Some(waiting) = &mut self.waiting else {
            return Poll::Ready(Ok(()));
        };
        let sent = ready!(waiting.as_mut().poll(cx));
        self.waiting = None;
        Poll::Ready(sent.map_err(|SendError(value)| PollSendError(Some(value))))
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), PollSendError<T>>> {
        let flushed = ready!(self.as_mut().poll_flush(cx));
        self.sender = None;
        Poll::Ready(flushed)
    }
}

impl<T> fmt::Debug for SendSink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendSink")
            .field("closed", &self.sender.is_none())
            .field("waiting", &self.waiting.is_some())
            .finish_non_exhaustive()
    }
}
