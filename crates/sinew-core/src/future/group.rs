//! The futures of one group, wherever they lie, and who of them is polled.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::woken::WokenSet;
use crate::join::Branch;
use crate::{coop, rng};

/// Up to this many futures are all polled at each wake; above, each has a waker
/// of its own. A poll of a future that has nothing to do is cheaper than the
/// wakers' allocation while they are few.
pub(crate) const POLL_ALL: usize = 12;

/// Futures that lie together.
pub trait Count {
    /// Whether they are few whatever happens, so that all are polled at each wake.
    const FEW: bool;

    /// How many there are.
    fn count(&self) -> usize;
}

/// Futures that lie together, each with room for its output.
pub trait Group: Count {
    /// Polls one of them.
    fn poll_at(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Step;
}

/// What a poll of one future came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It waits.
    Waits,
    /// It has ended just now; its output is kept.
    Ended,
    /// It had ended before.
    HadEnded,
}

impl<F: Future> Branch<F> {
    /// Polls the future and says what became of it.
    #[inline]
    pub fn step(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Step {
        if !self.is_running() {
            return Step::HadEnded;
        }
        match self.poll(cx) {
            Poll::Pending => Step::Waits,
            Poll::Ready(()) => Step::Ended,
        }
    }
}

/// Decides who of a `G` is polled.
///
/// With few, which the type may tell, no more is written and dropped than where the next
/// poll begins: a race of two takes a nanosecond and a half less for it.
pub(crate) struct Rounds<G: Count> {
    /// Where the next poll begins: one further each time, so that no future keeps the
    /// budget from those behind it, or wins because of its place.
    start: usize,
    /// All are polled the next time, also if they are many. They may end with the first
    /// of them, and at once: then they need no wakers of their own.
    all_once: bool,
    /// Who of many was woken; of few all are polled. `None` for good where
    /// [`FEW`](Count::FEW) says so.
    woken: ManuallyDrop<Option<WokenSet>>,
    group: PhantomData<fn() -> G>,
}

impl<G: Count> Rounds<G> {
    /// Of futures that all have to end.
    #[inline]
    pub(crate) fn until_all() -> Self {
        Rounds::from(0, false)
    }

    /// Of the futures of `group`, of which one may be enough. Each of them is as often as
    /// any other the first of a first poll, so that none wins only because of its place.
    #[inline]
    pub(crate) fn until_first(group: &G) -> Self {
        Rounds::from(rng::turn(group.count() as u32) as usize, true)
    }

    #[inline]
    fn from(start: usize, all_once: bool) -> Self {
        Rounds {
            start,
            all_once,
            woken: ManuallyDrop::new(None),
            group: PhantomData,
        }
    }

    /// The place, of so many, where this poll begins.
    #[inline]
    fn start(&mut self, places: usize) -> usize {
        let start = if self.start < places { self.start } else { 0 };
        self.start = start + 1;
        start
    }

    /// Calls `poll` for those that may have something to say, until that breaks off.
    #[inline]
    pub(crate) fn run<B>(
        &mut self,
        group: Pin<&mut G>,
        cx: &mut Context<'_>,
        poll: impl FnMut(Pin<&mut G>, usize, &mut Context<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if !coop::has_budget_remaining() {
            // Those that spend it could not go on; to ask them again and again
            // is not to give way. This wakes the task.
            if coop::poll_proceed(cx).is_pending() {
                return ControlFlow::Continue(());
            }
        }
        if G::FEW || group.count() <= POLL_ALL {
            self.poll_all(group, cx, poll)
        } else {
            self.poll_many(group, cx, poll)
        }
    }

    #[inline]
    fn poll_all<B>(
        &mut self,
        mut group: Pin<&mut G>,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(Pin<&mut G>, usize, &mut Context<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let count = group.count();
        let start = self.start(count);
        for index in start..count {
            poll(group.as_mut(), index, cx)?;
        }
        for index in 0..start {
            poll(group.as_mut(), index, cx)?;
        }
        ControlFlow::Continue(())
    }

    fn poll_many<B>(
        &mut self,
        mut group: Pin<&mut G>,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(Pin<&mut G>, usize, &mut Context<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if mem::take(&mut self.all_once) {
            return self.poll_all(group, cx, poll);
        }
        // All of a new set count as woken: each is polled with its waker.
        let woken = self
            .woken
            .get_or_insert_with(|| WokenSet::new(group.count()));
        let words = woken.words();
        let start = if self.start < words { self.start } else { 0 };
        self.start = start + 1;
        woken.begin(cx.waker());
        for word in (start..words).chain(0..start) {
            for index in woken.take(word) {
                woken.as_child(index, |cx| poll(group.as_mut(), index, cx))?;
            }
        }
        ControlFlow::Continue(())
    }
}

impl<G: Count> Drop for Rounds<G> {
    #[inline]
    fn drop(&mut self) {
        if !G::FEW {
            drop(self.woken.take());
        }
    }
}

impl<G: Count> fmt::Debug for Rounds<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rounds")
            .field("start", &self.start)
            .field("woken", &*self.woken)
            .finish_non_exhaustive()
    }
}

/// Futures of one type, of which each can be reached.
pub(crate) trait Slots: Group {
    type Future: Future;

    fn slot(self: Pin<&mut Self>, index: usize) -> Pin<&mut Branch<Self::Future>>;
}

/// The futures of a `Vec`, in a place of their own.
pub struct InVec<F: Future> {
    branches: Pin<Box<[Branch<F>]>>,
}

impl<F: Future> InVec<F> {
    pub(crate) fn new(futures: impl IntoIterator<Item = F>) -> Self {
        let branches: Box<[_]> = futures.into_iter().map(Branch::new).collect();
        InVec {
            branches: branches.into(),
        }
    }
}

impl<F: Future> Slots for InVec<F> {
    type Future = F;

    #[inline]
    fn slot(self: Pin<&mut Self>, index: usize) -> Pin<&mut Branch<F>> {
        let branches = self.get_mut().branches.as_mut();
        // SAFETY: an element of a pinned slice, of which only pinned references
        // are made.
        unsafe { branches.map_unchecked_mut(|branches| &mut branches[index]) }
    }
}

impl<F: Future> Count for InVec<F> {
    const FEW: bool = false;

    #[inline]
    fn count(&self) -> usize {
        self.branches.len()
    }
}

impl<F: Future> Group for InVec<F> {
    #[inline]
    fn poll_at(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Step {
        self.slot(index).step(cx)
    }
}

impl<F: Future> fmt::Debug for InVec<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.branches.iter()).finish()
    }
}

/// The futures of an array, in their place.
pub struct InArray<F: Future, const N: usize> {
    branches: [Branch<F>; N],
}

impl<F: Future, const N: usize> InArray<F, N> {
    pub(crate) fn new(futures: [F; N]) -> Self {
        InArray {
            branches: futures.map(Branch::new),
        }
    }
}

impl<F: Future, const N: usize> Slots for InArray<F, N> {
    type Future = F;

    #[inline]
    fn slot(self: Pin<&mut Self>, index: usize) -> Pin<&mut Branch<F>> {
        // SAFETY: an element of an array that is pinned with `self`, of which
        // only pinned references are made.
        unsafe { self.map_unchecked_mut(|this| &mut this.branches[index]) }
    }
}

impl<F: Future, const N: usize> Count for InArray<F, N> {
    const FEW: bool = N <= POLL_ALL;

    #[inline]
    fn count(&self) -> usize {
        N
    }
}

impl<F: Future, const N: usize> Group for InArray<F, N> {
    #[inline]
    fn poll_at(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Step {
        self.slot(index).step(cx)
    }
}

impl<F: Future, const N: usize> fmt::Debug for InArray<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.branches).finish()
    }
}
