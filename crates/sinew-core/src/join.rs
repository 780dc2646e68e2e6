//! `join!`: several futures in one task, all of their outputs.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

/// Waits on several futures at once and gives all of their outputs as a tuple.
///
/// The futures run concurrently in the current task: while one waits, the
/// others go on, but never two at the same instant. To run them in parallel,
/// spawn each and `join!` the handles. Takes up to 64 futures, or values that
/// can be made into futures ([`IntoFuture`](std::future::IntoFuture)), of any
/// types; with none, the output is `()`. Nothing is allocated.
///
/// At each poll another future is the first to be polled, so that none can eat
/// up the task's [budget](crate::coop) at the cost of the same others each
/// time. With `biased;` in front they are always polled in the order written.
///
/// Can be used in async functions, closures and blocks only.
///
/// # Cancel safety
///
/// When the surrounding future is dropped, all the futures are dropped, and the
/// outputs of those that have ended already are lost.
///
/// # Examples
///
/// ```
/// use sinew_core::{block_on, join};
///
/// async fn learn() -> &'static str { "a song" }
/// async fn dance() -> u32 { 3 }
///
/// block_on(async {
///     let (song, steps) = join!(learn(), dance());
///     assert_eq!((song, steps), ("a song", 3));
///
///     let (song, steps) = join!(biased; learn(), dance());
///     assert_eq!((song, steps), ("a song", 3));
/// });
/// ```
#[macro_export]
macro_rules! join {
    (biased; $($future:expr),* $(,)?) => {
        $crate::__number_futures!(__join_numbered (InOrder) [] $($future,)*)
    };
    ($($future:expr),* $(,)?) => {
        $crate::__number_futures!(__join_numbered (Rotating) [] $($future,)*)
    };
}

/// Gives each expression a name of its own and calls the macro `$then`.
///
/// The names are all spelled `future` and differ by hygiene: each step of the
/// recursion makes a new one.
#[doc(hidden)]
#[macro_export]
macro_rules! __number_futures {
    ($then:ident $args:tt [$($named:tt)*]) => {
        $crate::$then!($args $($named)*)
    };
    ($then:ident $args:tt [$($named:tt)*] $future:expr, $($rest:expr,)*) => {
        $crate::__number_futures!($then $args [$($named)* (future $future)] $($rest,)*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __join_numbered {
    (($order:ident)) => {
        async {}.await
    };
    (($order:ident) $(($future:ident $expr:expr))+) => {{
        // A statement of its own, so that temporaries in the expressions live on.
        let ($($future,)+) = ($($expr,)+);
        let mut branches = $crate::__macro::pin!(($(
            $crate::__macro::Branch::new($crate::__macro::IntoFuture::into_future($future)),
        )+));
        let mut order = $crate::__macro::$order::<{ [$(::core::stringify!($future)),+].len() }>::default();
        $crate::__macro::poll_fn(move |cx| {
            // SAFETY: only pinned references to the fields are made of this.
            let ($($future,)+) = unsafe { branches.as_mut().get_unchecked_mut() };
            let mut pending = false;
            let mut laps = order.laps();
            loop {
                let mut bit = $crate::__macro::FIRST;
                $(
                    if laps.has(bit) {
                        // SAFETY: a field of a pinned tuple that nobody moves.
                        let branch = unsafe { $crate::__macro::Pin::new_unchecked(&mut *$future) };
                        pending |= branch.poll(cx).is_pending();
                    }
                    bit = $crate::__macro::after(bit);
                )+
                let _ = bit;
                if !laps.next_lap() {
                    break;
                }
            }
            if pending {
                return $crate::__macro::Poll::Pending;
            }
            $crate::__macro::Poll::Ready(($(
                // SAFETY: as above.
                unsafe { $crate::__macro::Pin::new_unchecked($future) }.take(),
            )+))
        })
        .await
    }};
}

pin_project! {
    /// One future of a `join!` or `try_join!`, then its output.
    pub struct Branch<F: Future> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[project_replace = StateReplaced]
    enum State<F: Future> {
        Running { #[pin] future: F },
        Done { output: F::Output },
        Taken,
    }
}

impl<F: Future> Branch<F> {
    /// A branch that has not been polled.
    #[inline]
    pub fn new(future: F) -> Self {
        let state = State::Running { future };
        Branch { state }
    }

    /// Polls the future, unless it has ended; keeps its output.
    #[inline]
    pub fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.project().state;
        if let StateProjection::Running { future } = state.as_mut().project() {
            let output = ready!(future.poll(cx));
            state.set(State::Done { output });
        }
        Poll::Ready(())
    }

    /// Whether the future has ended with an output for which `test` holds.
    #[inline]
    pub(crate) fn is_done_and(self: Pin<&mut Self>, test: impl FnOnce(&F::Output) -> bool) -> bool {
        match self.project().state.project() {
            StateProjection::Done { output } => test(output),
            StateProjection::Running { .. } | StateProjection::Taken => false,
        }
    }

    /// Whether the future has not ended.
    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    /// The output.
    ///
    /// # Panics
    ///
    /// If the future has not ended or the output was taken before.
    #[inline]
    pub fn take(self: Pin<&mut Self>) -> F::Output {
        match self.project().state.project_replace(State::Taken) {
            StateReplaced::Done { output } => output,
            StateReplaced::Running { .. } | StateReplaced::Taken => {
                panic!("a future that waits for several was polled after it ended")
            }
        }
    }
}

impl<F: Future> fmt::Debug for Branch<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Running { .. } => "Running",
            State::Done { .. } => "Done",
            State::Taken => "Taken",
        })
    }
}

/// The bit of the first branch. See `Laps`.
pub const FIRST: u64 = 1;

/// The bit of the branch after the one of `bit`. The last bit there is stands for all
/// branches from the 64th on, which are polled in one go.
#[inline]
#[must_use]
pub const fn after(bit: u64) -> u64 {
    match bit << 1 {
        0 => bit,
        next => next,
    }
}

/// Goes over the branches in a circle that begins anywhere.
///
/// The branches are written out one after the other, so it takes two laps: over those
/// from the first one on, and then over those in front of it. A branch is polled in the
/// lap that has its bit, a constant where it is written.
#[derive(Debug)]
pub struct Laps {
    now: u64,
    later: u64,
}

impl Laps {
    /// Over all branches, from `start` on.
    #[inline]
    pub(crate) fn from(start: u32) -> Self {
        let now = u64::MAX << start.min(u64::BITS - 1);
        Laps { now, later: !now }
    }

    /// Whether the branch of `bit` is polled in this lap.
    #[inline]
    #[must_use]
    pub fn has(&self, bit: u64) -> bool {
        self.now & bit != 0
    }

    /// Begins the second lap; `false` if there is none, or none any more.
    #[inline]
    #[must_use]
    pub fn next_lap(&mut self) -> bool {
        self.now = std::mem::take(&mut self.later);
        self.now != 0
    }
}

/// Polls `N` branches in the order in which they are written.
#[derive(Debug, Default)]
pub struct InOrder<const N: usize>;

impl<const N: usize> InOrder<N> {
    /// The laps of the next poll.
    #[inline]
    pub fn laps(&mut self) -> Laps {
        Laps::from(0)
    }
}

/// Begins with another one of `N` branches at each poll, one further each time.
#[derive(Debug, Default)]
pub struct Rotating<const N: usize> {
    /// Small, because it is part of the user's future.
    start: u32,
}

impl<const N: usize> Rotating<N> {
    /// Begins with the branch `start` at the first poll.
    #[inline]
    pub(crate) fn from(start: u32) -> Self {
        Rotating { start }
    }

    /// The first branch of the next poll.
    #[inline]
    pub fn start(&mut self) -> u32 {
        let start = self.start;
        self.start = if start as usize + 1 == N {
            0
        } else {
            start + 1
        };
        start
    }

    /// The laps of the next poll.
    #[inline]
    pub fn laps(&mut self) -> Laps {
        Laps::from(self.start())
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
