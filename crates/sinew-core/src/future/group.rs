//! The futures of one group, wherever they lie, and who of them is polled.

use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::woken::WokenSet;
use crate::join::Branch;
use crate::{coop, rng};

/// Up to this many futures are all polled at each wake; above, each has a waker
/// of its own. A poll of a future that has nothing to do is cheaper than the
/// wakers' allocation while they are few.
const POLL_ALL: usize = 12;

/// Futures that lie together, each with room for its output.
pub trait Group {
    /// How many there are.
    fn count(&self) -> usize;

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

/// Where each poll of the group begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Begin {
    /// One further each time: no future keeps the budget from those behind it.
    Next(u32),
    /// Anywhere: none wins only because of its place.
    Anywhere,
}

/// Decides who is polled.
#[derive(Debug)]
pub(crate) struct Rounds {
    /// `None` if all are.
    woken: Option<WokenSet>,
    begin: Begin,
}

impl Rounds {
    pub(crate) fn new(count: usize, begin: Begin) -> Rounds {
        Rounds {
            woken: (count > POLL_ALL).then(|| WokenSet::new(count)),
            begin,
        }
    }

    fn begin(&mut self, places: usize) -> usize {
        if places == 0 {
            return 0;
        }
        match &mut self.begin {
            Begin::Anywhere => rng::below(places as u32) as usize,
            Begin::Next(next) => {
                let begin = *next as usize % places;
                *next = begin as u32 + 1;
                begin
            }
        }
    }

    /// Polls those that may have something to say; calls `ended` with each that
    /// has come to its end, until that breaks off.
    pub(crate) fn run<G: Group, B>(
        &mut self,
        mut group: Pin<&mut G>,
        cx: &mut Context<'_>,
        mut ended: impl FnMut(Pin<&mut G>, usize) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if !coop::has_budget_remaining() {
            // Those that spend it could not go on; to ask them again and again
            // is not to give way. This wakes the task.
            if coop::poll_proceed(cx).is_pending() {
                return ControlFlow::Continue(());
            }
        }
        let count = group.count();
        let places = self.woken.as_ref().map_or(count, WokenSet::words);
        let begin = self.begin(places);
        let Some(woken) = &self.woken else {
            for index in (begin..count).chain(0..begin) {
                if group.as_mut().poll_at(index, cx) == Step::Ended {
                    ended(group.as_mut(), index)?;
                }
            }
            return ControlFlow::Continue(());
        };
        woken.begin(cx.waker());
        for word in (begin..places).chain(0..begin) {
            for index in woken.take(word) {
                let step = woken.as_child(index, |cx| group.as_mut().poll_at(index, cx));
                if step == Step::Ended {
                    ended(group.as_mut(), index)?;
                }
            }
        }
        ControlFlow::Continue(())
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

    fn slot(self: Pin<&mut Self>, index: usize) -> Pin<&mut Branch<F>> {
        let branches = self.get_mut().branches.as_mut();
        // SAFETY: an element of a pinned slice, of which only pinned references
        // are made.
        unsafe { branches.map_unchecked_mut(|branches| &mut branches[index]) }
    }
}

impl<F: Future> Group for InVec<F> {
    fn count(&self) -> usize {
        self.branches.len()
    }

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

    fn slot(self: Pin<&mut Self>, index: usize) -> Pin<&mut Branch<F>> {
        // SAFETY: an element of an array that is pinned with `self`, of which
        // only pinned references are made.
        unsafe { self.map_unchecked_mut(|this| &mut this.branches[index]) }
    }
}

impl<F: Future, const N: usize> Group for InArray<F, N> {
    fn count(&self) -> usize {
        N
    }

    fn poll_at(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> Step {
        self.slot(index).step(cx)
    }
}

impl<F: Future, const N: usize> fmt::Debug for InArray<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.branches).finish()
    }
}
