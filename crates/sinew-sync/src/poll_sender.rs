//! Sending into an mpsc channel by poll functions, and as a `Sink`.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_sink::Sink;

use crate::mpsc::error::TrySendError;
use crate::mpsc::{OwnedPermit, Sender, Take};

/// The channel, or this sender, is closed.
#[derive(Debug)]
pub struct PollSendError<T>(pub(crate) Option<T>);

impl<T> PollSendError<T> {
    /// The value that was not sent, if there was one.
    pub fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T> fmt::Display for PollSendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T: fmt::Debug> Error for PollSendError<T> {}

/// What of a value's way is done.
enum State<T> {
    Idle(Sender<T>),
    Waiting(Pin<Box<Take<T, Option<Sender<T>>>>>),
    Ready(OwnedPermit<T>),
    Closed,
}

/// A [`Sender`](crate::mpsc::Sender) with poll functions, for types that are
/// written as state machines; also a `Sink`.
///
/// First [`poll_reserve`](Self::poll_reserve) until it is ready, then
/// [`send_item`](Self::send_item), then again from the start.
///
/// ```
/// use futures::SinkExt;
/// use sinew_sync::{PollSender, mpsc};
///
/// # sinew_core::block_on(async {
/// let (tx, mut rx) = mpsc::channel(2);
/// let mut sink = PollSender::new(tx);
/// sink.send(1).await.unwrap();
/// sink.send(2).await.unwrap();
/// SinkExt::close(&mut sink).await.unwrap();
/// assert_eq!(rx.recv().await, Some(1));
/// assert_eq!(rx.recv().await, Some(2));
/// assert_eq!(rx.recv().await, None);
/// # });
/// ```
pub struct PollSender<T> {
    /// `None` once this is closed.
    sender: Option<Sender<T>>,
    state: State<T>,
}

impl<T: Send> PollSender<T> {
    /// Sends into `sender`'s channel.
    pub fn new(sender: Sender<T>) -> Self {
        PollSender {
            sender: Some(sender.clone()),
            state: State::Idle(sender),
        }
    }

    /// Reserves a place, or waits for one. Once ready, it stays so until
    /// [`send_item`](Self::send_item).
    ///
    /// # Errors
    ///
    /// When the channel or this sender is closed.
    #[track_caller]
    pub fn poll_reserve(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), PollSendError<T>>> {
        let location = Location::caller();
        loop {
            self.state = match mem::replace(&mut self.state, State::Closed) {
                State::Idle(sender) => match sender.try_reserve_owned() {
                    Ok(permit) => State::Ready(permit),
                    Err(TrySendError::Closed(_)) => State::Closed,
                    Err(TrySendError::Full(sender)) => {
                        State::Waiting(Box::pin(Take::new(Some(sender), 1, location)))
                    }
                },
                State::Waiting(mut take) => {
                    let Poll::Ready(taken) = take.as_mut().poll(cx) else {
                        self.state = State::Waiting(take);
                        return Poll::Pending;
                    };
                    match take.as_mut().into_sender().filter(|_| taken.is_ok()) {
                        Some(sender) => State::Ready(OwnedPermit::new(sender)),
                        None => State::Closed,
                    }
                }
                State::Ready(permit) => {
                    self.state = State::Ready(permit);
                    return Poll::Ready(Ok(()));
                }
                State::Closed => return Poll::Ready(Err(PollSendError(None))),
            };
        }
    }

    /// Sends a value into the reserved place.
    ///
    /// # Errors
    ///
    /// When the channel or this sender was closed before the place was reserved;
    /// gives the value back.
    ///
    /// # Panics
    ///
    /// When [`poll_reserve`](Self::poll_reserve) has not been ready before.
    #[track_caller]
    pub fn send_item(&mut self, value: T) -> Result<(), PollSendError<T>> {
        match mem::replace(&mut self.state, State::Closed) {
            State::Idle(_) | State::Waiting(_) => {
                panic!("`send_item` called without `poll_reserve` being ready before")
            }
            State::Ready(permit) => {
                let sender = permit.send(value);
                if self.sender.is_some() {
                    self.state = State::Idle(sender);
                }
                Ok(())
            }
            State::Closed => Err(PollSendError(Some(value))),
        }
    }

    /// Whether this sender has been closed, or has found the channel closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed) || self.sender.is_none()
    }

    /// The sender; `None` once this is closed.
    #[must_use]
    pub fn get_ref(&self) -> Option<&Sender<T>> {
        self.sender.as_ref()
    }

    /// Closes this sender; others of the channel stay open. A reserved place can
    /// still be used.
    pub fn close(&mut self) {
        self.sender = None;
        if !matches!(self.state, State::Ready(_)) {
            self.state = State::Closed;
        }
    }

    /// Gives up a place that was reserved or is waited for. `true` if there was one.
    pub fn abort_send(&mut self) -> bool {
        match mem::replace(&mut self.state, State::Closed) {
            // Dropping either gives the place back.
            State::Waiting(_) | State::Ready(_) => {
                if let Some(sender) = self.sender.clone() {
                    self.state = State::Idle(sender);
                }
                true
            }
            other => {
                self.state = other;
                false
            }
        }
    }
}

/// The clone has no place reserved.
impl<T> Clone for PollSender<T> {
    fn clone(&self) -> Self {
        let state = match &self.sender {
            Some(sender) => State::Idle(sender.clone()),
            None => State::Closed,
        };
        PollSender {
            sender: self.sender.clone(),
            state,
        }
    }
}

impl<T: Send> Sink<T> for PollSender<T> {
    type Error = PollSendError<T>;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_reserve(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), Self::Error> {
        self.send_item(item)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.close();
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for PollSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Idle(_) => "idle",
            State::Waiting(_) => "waiting",
            State::Ready(_) => "ready",
            State::Closed => "closed",
        };
        f.debug_struct("PollSender")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
