//! `Barrier`: tasks that wait for each other.
//!
//! # Invariants
//!
//! 1. `arrived` counts those of this generation who wait, and is less than the
//!    number that opens the barrier. All is changed with the list's lock held.
//! 2. A future knows the generation in which it arrived. Once the barrier has
//!    opened the generation is another, and dropping the future takes nothing back.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use sinew_core::coop;
use sinew_core::leaf::Kind;
use sinew_core::wait_list::{WaitList, Waiter};

/// Lets so many tasks wait for each other, again and again.
///
/// ```
/// use sinew_sync::Barrier;
///
/// let barrier = Barrier::new(3);
/// let leaders = std::thread::scope(|s| {
///     let threads = [(); 3].map(|()| {
///         s.spawn(|| sinew_core::block_on(barrier.wait()).is_leader())
///     });
///     threads.map(|thread| thread.join().unwrap())
/// });
/// assert_eq!(leaders.iter().filter(|leader| **leader).count(), 1);
/// ```
pub struct Barrier {
    size: usize,
    waiters: WaitList<State, ()>,
}

struct State {
    arrived: usize,
    generation: Generation,
}

/// How often the barrier has opened; wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Generation(u64);

impl Barrier {
    /// A barrier that opens when `n` have come. Zero is taken for one.
    #[must_use]
    pub fn new(n: usize) -> Barrier {
        Barrier {
            size: n.max(1),
            waiters: WaitList::new(State {
                arrived: 0,
                generation: Generation(0),
            }),
        }
    }

    /// Waits until as many have come as the barrier wants. The last to come is the
    /// leader.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the barrier has opened is as if it had not come:
    /// another must come in its stead.
    #[track_caller]
    pub fn wait(&self) -> impl Future<Output = BarrierWaitResult> {
        Wait {
            barrier: self,
            phase: Phase::Start,
            waiter: Waiter::new(()),
        }
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("size", &self.size)
            .field("arrived", &self.waiters.lock().state.arrived)
            .finish()
    }
}

/// What a task has got from a [`Barrier`].
#[derive(Clone, Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this task was the last to come: one of them is.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

#[derive(Clone, Copy)]
enum Phase {
    Start,
    /// Pushed in this generation; perhaps popped meanwhile.
    Arrived(Generation),
    Done,
}

pin_project! {
    struct Wait<'a> {
        barrier: &'a Barrier,
        phase: Phase,
        #[pin]
        waiter: Waiter<()>,
    }

    impl PinnedDrop for Wait<'_> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let Phase::Arrived(generation) = *this.phase else { return };
            this.barrier.waiters.leave(this.waiter.as_ref(), |guarded| {
                // Not so if it was about to be woken, because the barrier opened.
                if generation == guarded.state.generation {
                    guarded.state.arrived -= 1;
                }
            });
        }
    }
}

impl Wait<'_> {
    /// Arrives; `true` if that opens the barrier.
    fn arrive(self: Pin<&mut Self>, cx: &Context<'_>) -> bool {
        let this = self.project();
        let barrier = *this.barrier;
        // Before the lock: a clone may run any code.
        let waker = cx.waker().clone();
        let mut locked = barrier.waiters.lock();
        if locked.state.arrived + 1 == barrier.size {
            let opened = locked.state.generation.0.wrapping_add(1);
            locked.state.generation = Generation(opened);
            locked.state.arrived = 0;
            barrier.waiters.wake_all(locked, |()| {});
            return true;
        }
        locked.state.arrived += 1;
        *this.phase = Phase::Arrived(locked.state.generation);
        // SAFETY: the future borrows the barrier, so that the list stays in place,
        // and leaves the queue when it is dropped.
        unsafe { locked.queue.push_back(this.waiter.as_ref(), waker) };
        false
    }
}

impl Future for Wait<'_> {
    type Output = BarrierWaitResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<BarrierWaitResult> {
        let proceed = ready!(coop::poll_proceed(cx));
        let this = self.as_mut().project();
        let result = match this.phase {
            Phase::Start => self.as_mut().arrive(cx).then_some(BarrierWaitResult(true)),
            Phase::Arrived(_) => {
                let list = &this.barrier.waiters;
                let waits = list.still_waiting(this.waiter.as_ref(), cx.waker());
                (!waits).then_some(BarrierWaitResult(false))
            }
            Phase::Done => panic!("polled after it was ready"),
        };
        let this = self.project();
        let Some(result) = result else {
            let resource = ptr::from_ref(*this.barrier).addr() as u64;
            return this.waiter.pending(Kind::Barrier, resource);
        };
        *this.phase = Phase::Done;
        proceed.made_progress();
        Poll::Ready(result)
    }
}

#[cfg(test)]
mod tests;
