//! Receivers as streams, with the names and meanings of tokio-stream.
//!
//! | stream | yields |
//! |---|---|
//! | [`ReceiverStream`], [`UnboundedReceiverStream`] | what an `mpsc` channel receives; its receivers are streams themselves too |
//! | [`BroadcastStream`] | what a `broadcast` channel sends, and how much of it was missed |
//! | [`WatchStream`] | the newest value of a `watch` channel, each time that it has changed |

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::broadcast::error::RecvError;
use crate::{ReusableBoxFuture, broadcast, mpsc, watch};

/// A bounded `mpsc` receiver as a stream.
///
/// # Cancel safety
///
/// Nothing is lost between two polls: it holds no values.
#[derive(Debug)]
pub struct ReceiverStream<T>(mpsc::Receiver<T>);

impl<T> ReceiverStream<T> {
    /// The values of `receiver`.
    #[must_use]
    pub fn new(receiver: mpsc::Receiver<T>) -> Self {
        ReceiverStream(receiver)
    }

    /// The receiver.
    #[must_use]
    pub fn into_inner(self) -> mpsc::Receiver<T> {
        self.0
    }

    /// Closes the channel; what has been sent is still yielded.
    pub fn close(&mut self) {
        self.0.close();
    }
}

impl<T> Stream for ReceiverStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let least = self.0.len();
        // A permit that was reserved before the close may still become a value.
        let taken = || self.0.max_capacity() - self.0.capacity();
        (least, self.0.is_closed().then(taken))
    }
}

impl<T> AsRef<mpsc::Receiver<T>> for ReceiverStream<T> {
    fn as_ref(&self) -> &mpsc::Receiver<T> {
        &self.0
    }
}

impl<T> AsMut<mpsc::Receiver<T>> for ReceiverStream<T> {
    fn as_mut(&mut self) -> &mut mpsc::Receiver<T> {
        &mut self.0
    }
}

impl<T> From<mpsc::Receiver<T>> for ReceiverStream<T> {
    fn from(receiver: mpsc::Receiver<T>) -> Self {
        ReceiverStream(receiver)
    }
}

/// An unbounded `mpsc` receiver as a stream.
///
/// # Cancel safety
///
/// Nothing is lost between two polls: it holds no values.
#[derive(Debug)]
pub struct UnboundedReceiverStream<T>(mpsc::UnboundedReceiver<T>);

impl<T> UnboundedReceiverStream<T> {
    /// The values of `receiver`.
    #[must_use]
    pub fn new(receiver: mpsc::UnboundedReceiver<T>) -> Self {
        UnboundedReceiverStream(receiver)
    }

    /// The receiver.
    #[must_use]
    pub fn into_inner(self) -> mpsc::UnboundedReceiver<T> {
        self.0
    }

    /// Closes the channel; what has been sent is still yielded.
    pub fn close(&mut self) {
        self.0.close();
    }
}

impl<T> Stream for UnboundedReceiverStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_recv(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.0.len();
        (len, self.0.is_closed().then_some(len))
    }
}

impl<T> AsRef<mpsc::UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn as_ref(&self) -> &mpsc::UnboundedReceiver<T> {
        &self.0
    }
}

impl<T> AsMut<mpsc::UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn as_mut(&mut self) -> &mut mpsc::UnboundedReceiver<T> {
        &mut self.0
    }
}

impl<T> From<mpsc::UnboundedReceiver<T>> for UnboundedReceiverStream<T> {
    fn from(receiver: mpsc::UnboundedReceiver<T>) -> Self {
        UnboundedReceiverStream(receiver)
    }
}

/// The errors of streams.
pub mod errors {
    use std::error::Error;
    use std::fmt;

    /// A [`BroadcastStream`](super::BroadcastStream) missed values.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum BroadcastStreamRecvError {
        /// So many were overwritten before they were received. The stream goes on with
        /// the oldest that is left.
        Lagged(u64),
    }

    impl fmt::Display for BroadcastStreamRecvError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let BroadcastStreamRecvError::Lagged(missed) = self;
            write!(f, "channel lagged by {missed}")
        }
    }

    impl Error for BroadcastStreamRecvError {}
}

/// A `broadcast` receiver as a stream. Values that were missed are told of by an `Err`.
///
/// # Cancel safety
///
/// Nothing is lost between two polls: it holds no values.
///
/// ```
/// use futures::StreamExt;
/// use sinew_sync::broadcast;
/// use sinew_sync::stream::BroadcastStream;
/// use sinew_sync::stream::errors::BroadcastStreamRecvError::Lagged;
///
/// # sinew_core::block_on(async {
/// let (sender, receiver) = broadcast::channel(2);
/// for n in 0..3 {
///     sender.send(n).unwrap();
/// }
/// drop(sender);
/// let all: Vec<_> = BroadcastStream::new(receiver).collect().await;
/// assert_eq!(all, [Err(Lagged(1)), Ok(1), Ok(2)]);
/// # });
/// ```
pub struct BroadcastStream<T> {
    next: ReusableBoxFuture<'static, (Result<T, RecvError>, broadcast::Receiver<T>)>,
}

async fn receive<T: Clone>(
    mut receiver: broadcast::Receiver<T>,
) -> (Result<T, RecvError>, broadcast::Receiver<T>) {
    let result = receiver.recv().await;
    (result, receiver)
}

impl<T: Clone + Send + 'static> BroadcastStream<T> {
    /// What is sent from now on, and what `receiver` has not received.
    #[must_use]
    pub fn new(receiver: broadcast::Receiver<T>) -> Self {
        BroadcastStream {
            next: ReusableBoxFuture::new(receive(receiver)),
        }
    }
}

impl<T: Clone + Send + 'static> Stream for BroadcastStream<T> {
    type Item = Result<T, errors::BroadcastStreamRecvError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (result, receiver) = ready!(self.next.poll(cx));
        self.next.set(receive(receiver));
        Poll::Ready(match result {
            Ok(value) => Some(Ok(value)),
            Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(missed)) => {
                Some(Err(errors::BroadcastStreamRecvError::Lagged(missed)))
            }
        })
    }
}

impl<T: Clone + Send + 'static> From<broadcast::Receiver<T>> for BroadcastStream<T> {
    fn from(receiver: broadcast::Receiver<T>) -> Self {
        BroadcastStream::new(receiver)
    }
}

impl<T> fmt::Debug for BroadcastStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastStream").finish_non_exhaustive()
    }
}

/// A `watch` receiver as a stream: the value that is there, and then the newest each time
/// that it has changed. Values in between may be skipped.
///
/// # Cancel safety
///
/// Nothing is lost between two polls: it holds no values.
///
/// ```
/// use futures::StreamExt;
/// use sinew_sync::stream::WatchStream;
/// use sinew_sync::watch;
///
/// # sinew_core::block_on(async {
/// let (sender, receiver) = watch::channel("first");
/// let mut values = WatchStream::new(receiver);
/// assert_eq!(values.next().await, Some("first"));
/// sender.send("second").unwrap();
/// assert_eq!(values.next().await, Some("second"));
/// # });
/// ```
pub struct WatchStream<T> {
    next: ReusableBoxFuture<'static, (Result<(), watch::error::RecvError>, watch::Receiver<T>)>,
}

async fn changed<T>(
    mut receiver: watch::Receiver<T>,
) -> (Result<(), watch::error::RecvError>, watch::Receiver<T>) {
    let result = receiver.changed().await;
    (result, receiver)
}

async fn at_once<T>(
    receiver: watch::Receiver<T>,
) -> (Result<(), watch::error::RecvError>, watch::Receiver<T>) {
    (Ok(()), receiver)
}

impl<T: Clone + Send + Sync + 'static> WatchStream<T> {
    /// The value that is there now, and each change.
    #[must_use]
    pub fn new(receiver: watch::Receiver<T>) -> Self {
        WatchStream {
            next: ReusableBoxFuture::new(at_once(receiver)),
        }
    }

    /// Changes only: not the value that is there now.
    #[must_use]
    pub fn from_changes(receiver: watch::Receiver<T>) -> Self {
        WatchStream {
            next: ReusableBoxFuture::new(changed(receiver)),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Stream for WatchStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let (result, mut receiver) = ready!(self.next.poll(cx));
        let value = result.ok().map(|()| receiver.borrow_and_update().clone());
        self.next.set(changed(receiver));
        Poll::Ready(value)
    }
}

impl<T: Clone + Send + Sync + 'static> From<watch::Receiver<T>> for WatchStream<T> {
    fn from(receiver: watch::Receiver<T>) -> Self {
        WatchStream::new(receiver)
    }
}

impl<T> fmt::Debug for WatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream").finish_non_exhaustive()
    }
}
