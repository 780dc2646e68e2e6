//! Waiting for all: `join` and `try_join`.

use std::future::{Future, IntoFuture};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::group::{Count, Group, InArray, InVec, Rounds, Slots, Step};

/// Waits for all futures of a tuple, an array or a `Vec`.
pub trait Join {
    /// The outputs, in the shape in which the futures came.
    type Output;
    /// The future that waits.
    type Future: Future<Output = Self::Output>;

    /// Runs all of them concurrently in this task, until each has ended. See
    /// [`join!`](crate::join!).
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, all are dropped, and the outputs of those that
    /// have ended are lost.
    fn join(self) -> Self::Future;
}

/// Waits for all futures of a tuple, an array or a `Vec`, or for the first error.
pub trait TryJoin {
    /// The values, in the shape in which the futures came.
    type Output;
    /// The error; all have the same type of it.
    type Error;
    /// The future that waits.
    type Future: Future<Output = Result<Self::Output, Self::Error>>;

    /// Runs all of them concurrently in this task, until each has ended with `Ok`
    /// or one with `Err`. See [`try_join!`](crate::try_join!).
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, or one fails, all are dropped, and the values
    /// of those that have ended are lost.
    fn try_join(self) -> Self::Future;
}

/// A group whose outputs can be had together.
pub trait TakeAll: Group {
    /// All outputs.
    type All;

    /// Takes them. All must have ended.
    fn take_all(self: Pin<&mut Self>) -> Self::All;
}

/// A group of futures that may fail.
pub trait TakeOk: Group {
    /// All values.
    type Values;
    /// The error.
    type Error;

    /// The error of one that has ended, if it has failed.
    fn take_error(self: Pin<&mut Self>, index: usize) -> Option<Self::Error>;

    /// Takes the values. All must have ended with one.
    fn take_values(self: Pin<&mut Self>) -> Self::Values;
}

pin_project! {
    /// The future of [`Join::join`].
    ///
    /// # Panics
    ///
    /// When it is polled after it has ended.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Joined<G: Count> {
        #[pin]
        group: G,
        rounds: Rounds<G>,
        running: usize,
    }
}

impl<G: Group> Joined<G> {
    pub(crate) fn new(group: G) -> Self {
        let running = group.count();
        Joined {
            rounds: Rounds::until_all(),
            group,
            running,
        }
    }
}

impl<G: TakeAll> Future for Joined<G> {
    type Output = G::All;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G::All> {
        let mut this = self.project();
        let running = &mut *this.running;
        if *running > 0 {
            let _ = this
                .rounds
                .run(this.group.as_mut(), cx, |group, index, cx| {
                    if group.poll_at(index, cx) == Step::Ended {
                        *running -= 1;
                    }
                    ControlFlow::<()>::Continue(())
                });
        }
        if *running > 0 {
            return Poll::Pending;
        }
        Poll::Ready(this.group.take_all())
    }
}

pin_project! {
    /// The future of [`TryJoin::try_join`].
    ///
    /// # Panics
    ///
    /// When it is polled after it has ended.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TryJoined<G: Count> {
        #[pin]
        group: G,
        rounds: Rounds<G>,
        running: usize,
    }
}

impl<G: Group> TryJoined<G> {
    pub(crate) fn new(group: G) -> Self {
        let running = group.count();
        TryJoined {
            rounds: Rounds::until_all(),
            group,
            running,
        }
    }
}

impl<G: TakeOk> Future for TryJoined<G> {
    type Output = Result<G::Values, G::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let running = &mut *this.running;
        if *running > 0 {
            let failed = this
                .rounds
                .run(this.group.as_mut(), cx, |mut group, index, cx| {
                    if group.as_mut().poll_at(index, cx) != Step::Ended {
                        return ControlFlow::Continue(());
                    }
                    *running -= 1;
                    match group.take_error(index) {
                        Some(error) => ControlFlow::Break(error),
                        None => ControlFlow::Continue(()),
                    }
                });
            if let ControlFlow::Break(error) = failed {
                return Poll::Ready(Err(error));
            }
        }
        if *running > 0 {
            return Poll::Pending;
        }
        Poll::Ready(Ok(this.group.take_values()))
    }
}

impl<F: Future> TakeAll for InVec<F> {
    type All = Vec<F::Output>;

    fn take_all(mut self: Pin<&mut Self>) -> Self::All {
        let count = self.count();
        (0..count)
            .map(|index| self.as_mut().slot(index).take())
            .collect()
    }
}

impl<F: Future, const N: usize> TakeAll for InArray<F, N> {
    type All = [F::Output; N];

    fn take_all(mut self: Pin<&mut Self>) -> Self::All {
        std::array::from_fn(|index| self.as_mut().slot(index).take())
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> TakeOk for InVec<F> {
    type Values = Vec<T>;
    type Error = E;

    fn take_error(self: Pin<&mut Self>, index: usize) -> Option<E> {
        self.slot(index).take_error()
    }

    fn take_values(mut self: Pin<&mut Self>) -> Vec<T> {
        let count = self.count();
        (0..count)
            .map(|index| self.as_mut().slot(index).take_ok())
            .collect()
    }
}

impl<T, E, F: Future<Output = Result<T, E>>, const N: usize> TakeOk for InArray<F, N> {
    type Values = [T; N];
    type Error = E;

    fn take_error(self: Pin<&mut Self>, index: usize) -> Option<E> {
        self.slot(index).take_error()
    }

    fn take_values(mut self: Pin<&mut Self>) -> [T; N] {
        std::array::from_fn(|index| self.as_mut().slot(index).take_ok())
    }
}

impl<F: IntoFuture> Join for Vec<F> {
    type Output = Vec<F::Output>;
    type Future = Joined<InVec<F::IntoFuture>>;

    fn join(self) -> Self::Future {
        Joined::new(InVec::new(self.into_iter().map(F::into_future)))
    }
}

impl<F: IntoFuture, const N: usize> Join for [F; N] {
    type Output = [F::Output; N];
    type Future = Joined<InArray<F::IntoFuture, N>>;

    fn join(self) -> Self::Future {
        Joined::new(InArray::new(self.map(F::into_future)))
    }
}

impl<T, E, F: IntoFuture<Output = Result<T, E>>> TryJoin for Vec<F> {
    type Output = Vec<T>;
    type Error = E;
    type Future = TryJoined<InVec<F::IntoFuture>>;

    fn try_join(self) -> Self::Future {
        TryJoined::new(InVec::new(self.into_iter().map(F::into_future)))
    }
}

impl<T, E, F: IntoFuture<Output = Result<T, E>>, const N: usize> TryJoin for [F; N] {
    type Output = [T; N];
    type Error = E;
    type Future = TryJoined<InArray<F::IntoFuture, N>>;

    fn try_join(self) -> Self::Future {
        TryJoined::new(InArray::new(self.map(F::into_future)))
    }
}
