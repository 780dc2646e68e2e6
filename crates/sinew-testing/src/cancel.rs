//! The cancellation kit: drops a future after each `Pending`, in every interleaving.
//!
//! Whether an operation may be dropped at any time cannot be seen from one run. This
//! kit runs a small script of *actors*, futures over a shared state, again and again:
//! once for each order in which they can be polled, and within it once for each point
//! at which one of them was pending and could be dropped. After each run it checks
//! what must hold whatever was dropped: that no value, permit, wake-up or place in a
//! queue was lost.
//!
//! ```
//! use sinew_testing::cancel::every_await;
//! use std::cell::Cell;
//! use std::future::poll_fn;
//! use std::rc::Rc;
//! use std::task::Poll;
//!
//! // A counter that each actor raises after it has waited once.
//! let runs = every_await(
//!     || Rc::new(Cell::new(0)),
//!     |script, count| {
//!         for _ in 0..2 {
//!             let count = count.clone();
//!             script.actor(async move {
//!                 let mut waited = false;
//!                 poll_fn(|cx| {
//!                     if std::mem::replace(&mut waited, true) {
//!                         return Poll::Ready(());
//!                     }
//!                     cx.waker().wake_by_ref();
//!                     Poll::Pending
//!                 })
//!                 .await;
//!                 count.set(count.get() + 1);
//!             });
//!         }
//!     },
//!     |count, ends| assert_eq!(count.get(), ends.finished()),
//! );
//! assert!(runs > 6);
//! ```
//!
//! # How it works
//!
//! A run is a sequence of choices: which of the woken actors is polled next, or which
//! pending one is dropped. The runs are all such sequences, found depth first by
//! running the script anew with the choices so far and then the next that has not
//! been tried. So an actor must do the same thing again if it is polled in the same
//! order: no clock, no random numbers, no threads. For what has those there is
//! [`every_pending`], with one actor.

use std::fmt::Write;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

mod lent;
mod pending;

pub use self::lent::Lent;
pub use self::pending::every_pending;

/// More runs than this are a script that is too large to be of use.
const MAX_RUNS: usize = 1_000_000;

/// The actors of one run.
#[derive(Default)]
pub struct Script {
    actors: Vec<Actor>,
    drops: usize,
}

struct Actor {
    /// None once it has finished or was dropped.
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    woken: Arc<Woken>,
    /// It has been polled, and was pending.
    pending: bool,
    may_wait: bool,
    finished: bool,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: Relaxed: a script runs on one thread.
        self.0.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Script")
            .field("actors", &self.actors.len())
            .field("drops", &self.drops)
            .finish()
    }
}

impl Script {
    /// Adds an actor that must finish unless it is dropped: if nobody wakes it any
    /// more, the run fails, because a wake-up was lost.
    pub fn actor(&mut self, future: impl Future<Output = ()> + 'static) {
        self.add(future, false);
    }

    /// Adds an actor that may be left waiting, for example for one that was dropped.
    /// It is dropped before the check, and counts as not finished.
    pub fn waiting_actor(&mut self, future: impl Future<Output = ()> + 'static) {
        self.add(future, true);
    }

    fn add(&mut self, future: impl Future<Output = ()> + 'static, may_wait: bool) {
        self.actors.push(Actor {
            future: Some(Box::pin(future)),
            woken: Arc::new(Woken(AtomicBool::new(true))),
            pending: false,
            may_wait,
            finished: false,
        });
    }

    /// How many actors may be dropped in one run. One if this is not called.
    pub fn drops(&mut self, drops: usize) {
        self.drops = drops;
    }

    /// What can be done next.
    fn choices(&self) -> Vec<Choice> {
        let alive = || {
            let actors = self.actors.iter().enumerate();
            actors.filter(|(_, actor)| actor.future.is_some())
        };
        // ORDERING: as in `wake_by_ref`.
        let woken = alive().filter(|(_, actor)| actor.woken.0.load(Ordering::Relaxed));
        let mut choices: Vec<_> = woken.map(|(i, _)| Choice::Poll(i)).collect();
        if choices.is_empty() {
            choices.push(Choice::End);
        }
        if self.drops > 0 {
            let pending = alive().filter(|(_, actor)| actor.pending);
            choices.extend(pending.map(|(i, _)| Choice::Drop(i)));
        }
        choices
    }

    fn apply(&mut self, choice: Choice) {
        match choice {
            Choice::End => {}
            Choice::Poll(i) => self.actors[i].poll(),
            Choice::Drop(i) => {
                self.drops -= 1;
                self.actors[i].future = None;
            }
        }
    }

    /// Drops those who may be left waiting; fails if one who may not is.
    fn finish(&mut self) -> Ends {
        for (i, actor) in self.actors.iter_mut().enumerate() {
            assert!(
                actor.future.is_none() || actor.may_wait,
                "actor {i} waits and nobody will wake it"
            );
            actor.future = None;
        }
        Ends {
            finished: self.actors.iter().map(|actor| actor.finished).collect(),
        }
    }
}

impl Actor {
    fn poll(&mut self) {
        let Some(future) = &mut self.future else {
            unreachable!("only who is alive is chosen");
        };
        // ORDERING: as in `wake_by_ref`.
        self.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(self.woken.clone());
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => self.pending = true,
            Poll::Ready(()) => {
                self.finished = true;
                self.future = None;
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    /// Nobody is woken: leave it at that.
    End,
    Poll(usize),
    Drop(usize),
}

/// How the actors of a run have ended.
#[derive(Clone, Debug)]
pub struct Ends {
    finished: Vec<bool>,
}

impl Ends {
    /// How many have finished.
    #[must_use]
    pub fn finished(&self) -> usize {
        self.finished.iter().filter(|finished| **finished).count()
    }

    /// Whether the actor that was added as number `i`, from 0 on, has finished.
    ///
    /// # Panics
    ///
    /// When there are not so many actors.
    #[must_use]
    pub fn has_finished(&self, i: usize) -> bool {
        self.finished[i]
    }
}

/// Shows the run that was under way when something panicked.
struct Trail {
    choices: Vec<Choice>,
}

impl Drop for Trail {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut steps = String::new();
        for choice in &self.choices {
            let step = match choice {
                Choice::End => Ok(()),
                Choice::Poll(i) => write!(steps, " poll {i},"),
                Choice::Drop(i) => write!(steps, " drop {i},"),
            };
            step.expect("writing to a string does not fail");
        }
        eprintln!("every_await: the run that failed:{steps} end");
    }
}

/// Runs a script in every interleaving of its actors' polls, and in each of them
/// drops a pending actor at every point where that can be done; also runs all without
/// a drop. Returns how many runs there were.
///
/// `state` makes the state of a run, `actors` adds the actors to its script, and
/// `check` is called at the end of each run, when all actors are gone.
///
/// # Panics
///
/// When an actor is left waiting that should not be, when there are more than a
/// million runs, and with what an actor or `check` panics with. The steps of the run
/// are printed to standard error.
pub fn every_await<S>(
    state: impl Fn() -> S,
    actors: impl Fn(&mut Script, &S),
    check: impl Fn(&S, &Ends),
) -> usize {
    // Of each step of the run before: which choice was made, of how many.
    let mut path: Vec<(usize, usize)> = Vec::new();
    for run in 1..=MAX_RUNS {
        let state = state();
        let mut script = Script {
            actors: Vec::new(),
            drops: 1,
        };
        actors(&mut script, &state);
        let mut trail = Trail {
            choices: Vec::new(),
        };
        for depth in 0.. {
            let choices = script.choices();
            if depth == path.len() {
                path.push((0, choices.len()));
            }
            let (chosen, of) = path[depth];
            assert_eq!(of, choices.len(), "the script is not the same each time");
            if let Choice::End = choices[chosen] {
                break;
            }
            trail.choices.push(choices[chosen]);
            script.apply(choices[chosen]);
        }
        let ends = script.finish();
        check(&state, &ends);
        // The next run differs in the last step that has another choice left.
        while path.last().is_some_and(|(chosen, of)| chosen + 1 == *of) {
            path.pop();
        }
        match path.last_mut() {
            Some((chosen, _)) => *chosen += 1,
            None => return run,
        }
    }
    panic!("more than {MAX_RUNS} runs: fewer actors or awaits say as much");
}
