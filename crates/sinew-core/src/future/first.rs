//! Waiting for the first: `race` and `race_ok`.

use std::future::{Future, IntoFuture};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::group::{Count, Group, InArray, InVec, POLL_ALL, Rounds, Slots, Step};

/// Waits for the first future of a tuple, an array or a `Vec`.
pub trait Race {
    /// The output; all have the same type of it.
    type Output;
    /// The future that waits.
    type Future: Future<Output = Self::Output>;

    /// Runs all of them concurrently in this task until one has ended. The first poll
    /// begins with any of them, each later one with the next: of many races each place
    /// comes first as often as any other. Of no futures, none ever ends. See
    /// [`race!`](crate::race!).
    ///
    /// # Cancel safety
    ///
    /// The losers are dropped with the future, after it has ended: what they had
    /// done is lost, unless they were given as `&mut future`.
    fn race(self) -> Self::Future;
}

/// Waits for the first future of a tuple, an array or a `Vec` that ends with `Ok`.
pub trait RaceOk {
    /// The value; all have the same type of it.
    type Output;
    /// The errors of all, in the shape in which the futures came.
    type Error;
    /// The future that waits.
    type Future: Future<Output = Result<Self::Output, Self::Error>>;

    /// Runs all of them concurrently in this task until one has ended with `Ok`,
    /// or all with `Err`. The first poll begins with any of them, each later one with the
    /// next. Of no futures, all have failed.
    ///
    /// ```
    /// use sinew_core::future::RaceOk;
    /// use std::future::ready;
    ///
    /// sinew_core::block_on(async {
    ///     let first = [ready(Err("down")), ready(Ok("up"))].race_ok().await;
    ///     assert_eq!(first, Ok("up"));
    ///     let none = vec![ready(Err::<(), _>(1)), ready(Err(2))].race_ok().await;
    ///     assert_eq!(none, Err(vec![1, 2]));
    /// });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// The losers are dropped with the future, after it has ended, and the errors
    /// of those that have failed too.
    fn race_ok(self) -> Self::Future;
}

/// Futures that lie together and have outputs of one type. None is polled after one of
/// them has ended.
pub trait Racing: Count {
    /// The output of each.
    type One;

    /// Polls one of them.
    fn poll_one(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Poll<Self::One>;
}

/// A group of futures that may fail, of which one value is wanted.
pub trait TakeOneOk: Group {
    /// The value of each.
    type Value;
    /// The errors of all.
    type Errors;

    /// The value of one that has ended, if it has one.
    fn take_value(self: Pin<&mut Self>, index: usize) -> Option<Self::Value>;

    /// Takes the errors. All must have ended with one.
    fn take_errors(self: Pin<&mut Self>) -> Self::Errors;
}

pin_project! {
    /// The future of [`Race::race`].
    ///
    /// # Panics
    ///
    /// When it is polled after it has ended.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Raced<G: Count> {
        #[pin]
        group: G,
        rounds: Rounds<G>,
        ended: bool,
    }
}

impl<G: Count> Raced<G> {
    #[inline]
    pub(crate) fn new(group: G) -> Self {
        Raced {
            rounds: Rounds::until_first(&group),
            group,
            ended: false,
        }
    }
}

impl<G: Racing> Future for Raced<G> {
    type Output = G::One;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G::One> {
        let this = self.project();
        assert!(!*this.ended, "a race was polled after it ended");
        let first = this.rounds.run(this.group, cx, |group, index, cx| {
            match group.poll_one(index, cx) {
                Poll::Ready(output) => ControlFlow::Break(output),
                Poll::Pending => ControlFlow::Continue(()),
            }
        });
        match first {
            ControlFlow::Break(output) => {
                *this.ended = true;
                Poll::Ready(output)
            }
            ControlFlow::Continue(()) => Poll::Pending,
        }
    }
}

pin_project! {
    /// The future of [`RaceOk::race_ok`].
    ///
    /// # Panics
    ///
    /// When it is polled after it has ended.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct RacedOk<G: Count> {
        #[pin]
        group: G,
        rounds: Rounds<G>,
        running: usize,
    }
}

impl<G: Group> RacedOk<G> {
    pub(crate) fn new(group: G) -> Self {
        let running = group.count();
        RacedOk {
            rounds: Rounds::until_first(&group),
            group,
            running,
        }
    }
}

impl<G: TakeOneOk> Future for RacedOk<G> {
    type Output = Result<G::Value, G::Errors>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let running = &mut *this.running;
        if *running > 0 {
            let first = this
                .rounds
                .run(this.group.as_mut(), cx, |mut group, index, cx| {
                    if group.as_mut().poll_at(index, cx) != Step::Ended {
                        return ControlFlow::Continue(());
                    }
                    *running -= 1;
                    match group.take_value(index) {
                        Some(value) => ControlFlow::Break(value),
                        None => ControlFlow::Continue(()),
                    }
                });
            if let ControlFlow::Break(value) = first {
                return Poll::Ready(Ok(value));
            }
        }
        if *running > 0 {
            return Poll::Pending;
        }
        Poll::Ready(Err(this.group.take_errors()))
    }
}

/// The futures of a race in a `Vec` or an array.
#[derive(Debug)]
pub struct Racers<T>(T);

impl<F> Count for Racers<Pin<Box<[F]>>> {
    const FEW: bool = false;

    #[inline]
    fn count(&self) -> usize {
        self.0.len()
    }
}

impl<F: Future> Racing for Racers<Pin<Box<[F]>>> {
    type One = F::Output;

    #[inline]
    fn poll_one(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Poll<F::Output> {
        let futures = self.get_mut().0.as_mut();
        // SAFETY: an element of a pinned slice, of which only pinned references are made.
        unsafe { futures.map_unchecked_mut(|futures| &mut futures[index]) }.poll(cx)
    }
}

impl<F, const N: usize> Count for Racers<[F; N]> {
    const FEW: bool = N <= POLL_ALL;

    #[inline]
    fn count(&self) -> usize {
        N
    }
}

impl<F: Future, const N: usize> Racing for Racers<[F; N]> {
    type One = F::Output;

    #[inline]
    fn poll_one(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: an element of an array that is pinned with `self`, of which only pinned
        // references are made.
        unsafe { self.map_unchecked_mut(|this| &mut this.0[index]) }.poll(cx)
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> TakeOneOk for InVec<F> {
    type Value = T;
    type Errors = Vec<E>;

    fn take_value(self: Pin<&mut Self>, index: usize) -> Option<T> {
        self.slot(index).take_value()
    }

    fn take_errors(mut self: Pin<&mut Self>) -> Vec<E> {
        let count = self.count();
        let errors = (0..count).filter_map(|index| self.as_mut().slot(index).take_error());
        errors.collect()
    }
}

impl<T, E, F: Future<Output = Result<T, E>>, const N: usize> TakeOneOk for InArray<F, N> {
    type Value = T;
    type Errors = [E; N];

    fn take_value(self: Pin<&mut Self>, index: usize) -> Option<T> {
        self.slot(index).take_value()
    }

    fn take_errors(mut self: Pin<&mut Self>) -> [E; N] {
        std::array::from_fn(|index| self.as_mut().slot(index).take_failed())
    }
}

impl<F: IntoFuture> Race for Vec<F> {
    type Output = F::Output;
    type Future = Raced<Racers<Pin<Box<[F::IntoFuture]>>>>;

    fn race(self) -> Self::Future {
        let futures: Box<[_]> = self.into_iter().map(F::into_future).collect();
        Raced::new(Racers(futures.into()))
    }
}

impl<F: IntoFuture, const N: usize> Race for [F; N] {
    type Output = F::Output;
    type Future = Raced<Racers<[F::IntoFuture; N]>>;

    #[inline]
    fn race(self) -> Self::Future {
        Raced::new(Racers(self.map(F::into_future)))
    }
}

impl<T, E, F: IntoFuture<Output = Result<T, E>>> RaceOk for Vec<F> {
    type Output = T;
    type Error = Vec<E>;
    type Future = RacedOk<InVec<F::IntoFuture>>;

    fn race_ok(self) -> Self::Future {
        RacedOk::new(InVec::new(self.into_iter().map(F::into_future)))
    }
}

impl<T, E, F: IntoFuture<Output = Result<T, E>>, const N: usize> RaceOk for [F; N] {
    type Output = T;
    type Error = [E; N];
    type Future = RacedOk<InArray<F::IntoFuture, N>>;

    fn race_ok(self) -> Self::Future {
        RacedOk::new(InArray::new(self.map(F::into_future)))
    }
}
