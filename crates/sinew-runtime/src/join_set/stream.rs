//! A set's results as a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use sinew_task::JoinError;

use super::JoinSet;

/// The results of a [`JoinSet`] in the order in which its tasks finish, as a
/// stream that ends when the set is empty. It goes on when tasks are spawned
/// into the set again.
///
/// Dropping it drops the set, and so aborts the tasks.
///
/// ```
/// use futures::StreamExt;
/// use sinew_runtime::JoinSet;
/// use sinew_runtime::join_set::JoinSetStream;
///
/// # sinew_runtime::block_on(async {
/// let tasks = (1..=4).map(|n| async move { n });
/// let results = JoinSetStream::new(tasks.collect::<JoinSet<u32>>());
/// let sum = results.fold(0, async |sum, n| sum + n.unwrap()).await;
/// assert_eq!(sum, 10);
/// # });
/// ```
///
/// # Cancel safety
///
/// Nothing is lost between two polls: a task stays in the set until its result
/// has been yielded.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct JoinSetStream<T>(JoinSet<T>);

impl<T> JoinSetStream<T> {
    /// The results of `set`.
    pub fn new(set: JoinSet<T>) -> JoinSetStream<T> {
        JoinSetStream(set)
    }

    /// The set, with the tasks whose results have not been yielded.
    pub fn into_inner(self) -> JoinSet<T> {
        self.0
    }
}

impl<T: 'static> Stream for JoinSetStream<T> {
    type Item = Result<T, JoinError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_join_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl<T> AsRef<JoinSet<T>> for JoinSetStream<T> {
    fn as_ref(&self) -> &JoinSet<T> {
        &self.0
    }
}

impl<T> AsMut<JoinSet<T>> for JoinSetStream<T> {
    fn as_mut(&mut self) -> &mut JoinSet<T> {
        &mut self.0
    }
}

impl<T> From<JoinSet<T>> for JoinSetStream<T> {
    fn from(set: JoinSet<T>) -> Self {
        JoinSetStream::new(set)
    }
}
