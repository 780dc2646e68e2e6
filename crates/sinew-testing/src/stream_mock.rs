//! A stream that follows a script.
//!
//! ```
//! use futures::StreamExt;
//! use sinew_testing::stream_mock::StreamMockBuilder;
//! use std::time::Duration;
//!
//! # sinew_testing::block_on(async {
//! let mut stream = StreamMockBuilder::new()
//!     .next(1)
//!     .wait(Duration::from_millis(2))
//!     .next(2)
//!     .build();
//! assert_eq!(stream.next().await, Some(1));
//! assert_eq!(stream.next().await, Some(2));
//! assert_eq!(stream.next().await, None);
//! # });
//! ```

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;

use futures_core::Stream;
use sinew_time::{Sleep, sleep};

#[derive(Clone, Debug)]
enum Action<T> {
    Next(T),
    Wait(Duration),
}

/// Makes a [`StreamMock`].
#[derive(Clone, Debug)]
pub struct StreamMockBuilder<T: Unpin> {
    actions: VecDeque<Action<T>>,
}

impl<T: Unpin> StreamMockBuilder<T> {
    /// A script with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Then gives `value`.
    #[must_use]
    pub fn next(mut self, value: T) -> Self {
        self.actions.push_back(Action::Next(value));
        self
    }

    /// Then is pending for `duration`, counted from the poll that comes to it.
    #[must_use]
    pub fn wait(mut self, duration: Duration) -> Self {
        self.actions.push_back(Action::Wait(duration));
        self
    }

    /// The stream that follows the script and then ends.
    pub fn build(self) -> StreamMock<T> {
        StreamMock {
            actions: self.actions,
            sleep: None,
        }
    }
}

impl<T: Unpin> Default for StreamMockBuilder<T> {
    fn default() -> Self {
        Self {
            actions: VecDeque::new(),
        }
    }
}

/// A stream that follows the script of a [`StreamMockBuilder`].
///
/// # Panics
///
/// Dropping it panics if items are left that nobody took, unless the thread panics already.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct StreamMock<T: Unpin> {
    actions: VecDeque<Action<T>>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<T: Unpin> Stream for StreamMock<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                ready!(sleep.as_mut().poll(cx));
                self.sleep = None;
            }
            match self.actions.pop_front() {
                None => return Poll::Ready(None),
                Some(Action::Next(item)) => return Poll::Ready(Some(item)),
                Some(Action::Wait(duration)) => self.sleep = Some(Box::pin(sleep(duration))),
            }
        }
    }
}

impl<T: Unpin> Drop for StreamMock<T> {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let items = self.actions.iter().filter(|a| matches!(a, Action::Next(_)));
        let count = items.count();
        assert!(
            count == 0,
            "StreamMock was dropped before all actions were consumed, {count} actions were not consumed"
        );
    }
}
