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
            let mut turn = order.turn();
            'turn: loop {
                $(match turn.at_next() {
                    $crate::__macro::At::Skipped => {}
                    $crate::__macro::At::Polled => {
                        // SAFETY: a field of a pinned tuple that nobody moves.
                        let branch = unsafe { $crate::__macro::Pin::new_unchecked(&mut *$future) };
                        pending |= branch.poll(cx).is_pending();
                    }
                    $crate::__macro::At::End => break 'turn,
                })+
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

/// Goes over the branches in a circle and says of each what to do with it.
///
/// The branches are written out one after the other in a loop, so to begin in the
/// middle means to pass by those in front, and to come to them in the second lap.
#[derive(Debug)]
pub struct Turn {
    skipped: u32,
    polled: u32,
}

/// What to do at a branch.
#[derive(Debug)]
pub enum At {
    /// Pass it by.
    Skipped,
    /// Poll it.
    Polled,
    /// Leave the loop: all have been polled.
    End,
}

impl Turn {
    /// Over all of `count` branches from `start` on. The compiler's recursion limit
    /// bounds their number far below 2^32.
    #[inline]
    pub(crate) fn new(start: u32, count: usize) -> Self {
        Turn {
            skipped: start,
            polled: count as u32,
        }
    }

    /// Goes on to the next branch.
    #[inline]
    pub fn at_next(&mut self) -> At {
        if self.skipped > 0 {
            self.skipped -= 1;
            return At::Skipped;
        }
        if self.polled == 0 {
            return At::End;
        }
        self.polled -= 1;
        At::Polled
    }
}

/// Polls `N` branches in the order in which they are written.
#[derive(Debug, Default)]
pub struct InOrder<const N: usize>;

impl<const N: usize> InOrder<N> {
    /// The turn of the next poll.
    #[inline]
    pub fn turn(&mut self) -> Turn {
        Turn::new(0, N)
    }
}

/// Begins with another one of `N` branches at each poll, one further each time.
#[derive(Debug, Default)]
pub struct Rotating<const N: usize> {
    /// Small, because it is part of the user's future.
    start: u32,
}

impl<const N: usize> Rotating<N> {
    /// The turn of the next poll.
    #[inline]
    pub fn turn(&mut self) -> Turn {
        let start = self.start;
        self.start = if start as usize + 1 == N {
            0
        } else {
            start + 1
        };
        Turn::new(start, N)
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
