#![doc = include_str!("idle/README.md")]

use std::task::Waker;

use crate::atomic::{AtomicUsize, Mutex, Ordering, fence, lock};

struct Sleeper {
    id: u64,
    waker: Waker,
    /// It sleeps aside, out of the reactor, and is the one to watch.
    aside: bool,
}

/// What is kept under the lock. See the module.
struct State {
    sleepers: Vec<Sleeper>,
    /// Runners, awake and asleep.
    live: usize,
    /// The runner that watches those that are awake, or is about to.
    watcher: Option<u64>,
    /// The runner that sees to it, within some time, that there is a watcher.
    deputy: Option<u64>,
}

/// See the module.
pub(crate) struct Idle {
    searching: AtomicUsize,
    /// How many sleepers may be woken. Written under the lock.
    wakeable: AtomicUsize,
    state: Mutex<State>,
    /// How many runners may be awake at once.
    bound: usize,
    /// Whether one of the sleepers watches.
    watched: bool,
}

/// What a sleeper has to do beside sleeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// It watches those that are awake.
    Watch,
    /// It asks again before long: there may be no watcher by then.
    StandBy,
    /// It sleeps until it is woken.
    Sleep,
}

/// How a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a searching token that is not given back silences notify"]
pub(crate) enum Woken {
    /// By `notify`: the runner holds a searching token.
    Notified,
    /// By itself.
    Alone,
    /// By itself, and as many runners as may be are awake: it still counts as
    /// asleep.
    Barred,
}

impl Idle {
    /// At most `bound` runners will be awake at once. If `watched`, one of those
    /// that sleep watches the others.
    pub(crate) fn new(bound: usize, watched: bool) -> Idle {
        Idle {
            searching: AtomicUsize::new(0),
            wakeable: AtomicUsize::new(0),
            state: Mutex::new(State {
                sleepers: Vec::new(),
                live: 0,
                watcher: None,
                deputy: None,
            }),
            bound,
            watched,
        }
    }

    /// Changes the state, and says what follows from it to those who look at the
    /// count only. Wakes whom `change` returns, after the lock is released: what
    /// a waker does is not ours to know.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> (R, Option<Waker>)) -> R {
        let mut state = lock(&self.state);
        let (result, wake) = change(&mut state);
        let room = self.bound.saturating_sub(state.awake());
        let wakeable = state.sleepers.len().min(room);
        self.wakeable.store(wakeable, Ordering::Relaxed);
        drop(state);
        if let Some(waker) = wake {
            waker.wake();
        }
        result
    }

    /// A runner is there, awake.
    pub(crate) fn begin(&self) {
        self.change(|state| {
            state.live += 1;
            ((), self.appoint(state, true))
        });
    }

    /// A runner is there, awake, unless as many as may be are awake already.
    pub(crate) fn try_begin(&self) -> bool {
        self.change(|state| {
            if state.awake() >= self.bound {
                return (false, None);
            }
            state.live += 1;
            (true, self.appoint(state, true))
        })
    }

    /// A runner that is awake is one no longer. The caller looks at the queues
    /// after this and notifies if there is something.
    pub(crate) fn end(&self) {
        self.change(|state| {
            state.live -= 1;
            ((), None)
        });
        // ORDERING: pairs with the fence in `notify`: a push that found nobody
        // to be woken, because of this runner, is seen by the caller.
        fence(Ordering::SeqCst);
    }

    /// How many runners there are.
    pub(crate) fn live(&self) -> usize {
        lock(&self.state).live
    }

    /// Whether all runners sleep.
    pub(crate) fn all_asleep(&self) -> bool {
        let state = lock(&self.state);
        state.sleepers.len() == state.live
    }

    /// How many runners search.
    pub(crate) fn searching(&self) -> usize {
        self.searching.load(Ordering::Relaxed)
    }

    /// Called after a task was pushed: wakes a runner if one may be woken and
    /// none is searching already.
    #[inline]
    pub(crate) fn notify(&self) {
        // ORDERING: pairs with the fence in `fall_asleep`; see the module.
        fence(Ordering::SeqCst);
        if self.wakeable.load(Ordering::Relaxed) > 0 && self.searching() == 0 {
            self.notify_slow();
        }
    }

    #[cold]
    fn notify_slow(&self) {
        self.change(|state| {
            // Another pusher may have been faster: one searcher is enough.
            if self.searching() > 0 || state.awake() >= self.bound {
                return ((), None);
            }
            let Some(sleeper) = state.pop_sleeper() else {
                return ((), None);
            };
            self.searching.fetch_add(1, Ordering::Relaxed);
            ((), Some(sleeper.waker))
        });
    }

    /// A runner of `runners` wants to search. `false` if enough do: more than
    /// half of them searching would only get in each other's way.
    pub(crate) fn start_searching(&self, runners: usize) -> bool {
        if 2 * self.searching() >= runners {
            return false;
        }
        self.searching.fetch_add(1, Ordering::Relaxed);
        true
    }

    /// A searching runner found a task. `true` if it was the last to search:
    /// then it looks at the queues once more and notifies if there is something,
    /// since pushes during the search notified nobody.
    #[must_use = "the last searcher looks again"]
    pub(crate) fn stop_searching(&self) -> bool {
        // ORDERING: SeqCst, with the fence in `notify`: a pusher that saw this
        // runner searching did its push before we look again.
        self.searching.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// The runner is about to sleep. It must look at all queues once more after
    /// this, and call [`wake_up`](Self::wake_up) if it finds something there.
    /// Before it parks it asks for its [`duty`](Self::duty). Whether all sleep now,
    /// and none of them watches.
    ///
    /// One that sleeps `aside` is the watcher rather than any other: the reactor's
    /// events do not wake it up, so that it keeps the place.
    pub(crate) fn fall_asleep(&self, id: u64, waker: Waker, searching: bool, aside: bool) -> bool {
        let all = self.change(|state| {
            state.sleepers.push(Sleeper { id, waker, aside });
            if searching {
                self.searching.fetch_sub(1, Ordering::Relaxed);
            }
            self.assign(state, id, aside);
            (state.awake() == 0 && state.watcher.is_none(), None)
        });
        // ORDERING: pairs with the fence in `notify`; see the module.
        fence(Ordering::SeqCst);
        all
    }

    /// What the runner has to do if it sleeps now.
    pub(crate) fn duty(&self, id: u64) -> Duty {
        if !self.watched {
            return Duty::Sleep;
        }
        let mut state = lock(&self.state);
        match state.position(id) {
            Some(index) => {
                let aside = state.sleepers[index].aside;
                self.assign(&mut state, id, aside)
            }
            None => Duty::Sleep,
        }
    }

    /// Gives a sleeper a place that is vacant, or leaves it the one that it has.
    fn assign(&self, state: &mut State, id: u64, aside: bool) -> Duty {
        if !self.watched {
            return Duty::Sleep;
        }
        if (state.watcher.is_none() || aside) && state.awake() > 0 {
            state.watcher = Some(id);
        }
        let stands_by = match state.watcher {
            Some(watcher) if watcher != id => !aside && state.deputy.is_none_or(|it| it == id),
            // Else it has the better place, or all sleep and have nobody to watch.
            _ => false,
        };
        if stands_by {
            state.deputy = Some(id);
            return Duty::StandBy;
        }
        state.resign(id);
        match state.watcher == Some(id) {
            true => Duty::Watch,
            false => Duty::Sleep,
        }
    }

    /// The runner is awake again, or wants to be.
    pub(crate) fn wake_up(&self, id: u64) -> Woken {
        self.change(|state| {
            let Some(index) = state.position(id) else {
                return (Woken::Notified, self.succeed(state, id));
            };
            if state.awake() >= self.bound {
                return (Woken::Barred, None);
            }
            state.sleepers.remove(index);
            (Woken::Alone, self.succeed(state, id))
        })
    }

    /// A runner that sleeps or is awake ends. `true` if it had been notified:
    /// then it holds a searching token.
    pub(crate) fn end_asleep(&self, id: u64) -> bool {
        let notified = self.change(|state| {
            let asleep = state.position(id);
            if let Some(index) = asleep {
                state.sleepers.remove(index);
            }
            state.live -= 1;
            (asleep.is_none(), self.succeed(state, id))
        });
        // ORDERING: as in `end`.
        fence(Ordering::SeqCst);
        notified
    }

    /// The runner that watches and sleeps does not watch any more, if all others
    /// sleep too. Whether that was so.
    pub(crate) fn stop_watching(&self, id: u64) -> bool {
        self.change(|state| {
            let ends = state.watcher == Some(id) && state.awake() == 0;
            if ends {
                state.watcher = None;
            }
            (ends, None)
        })
    }

    /// Whether this runner has not been taken out of the list of sleepers.
    pub(crate) fn is_asleep(&self, id: u64) -> bool {
        lock(&self.state).position(id).is_some()
    }

    /// After a runner has woken up: if it was the watcher, there will be another.
    fn succeed(&self, state: &mut State, id: u64) -> Option<Waker> {
        state.resign(id);
        if state.watcher == Some(id) {
            state.watcher = None;
        }
        self.appoint(state, false)
    }

    /// While one is awake and one sleeps, one watches. Returns whom to wake for
    /// that: it finds nothing to do, and sleeps as the watcher from then on.
    ///
    /// With `always`, for a runner that is new: it may be a guest that blocks, and is
    /// watched from the beginning.
    ///
    /// Otherwise not again and again: a watcher may wait in the reactor, and with each event
    /// there it wakes up and the place is vacant. Then the next to fall asleep takes it, or
    /// the deputy does.
    fn appoint(&self, state: &mut State, always: bool) -> Option<Waker> {
        if !self.watched || state.watcher.is_some() || state.awake() == 0 {
            return None;
        }
        if state.deputy.is_some() && !always {
            return None;
        }
        let aside = state.sleepers.iter().rfind(|sleeper| sleeper.aside);
        let sleeper = aside.or(state.sleepers.last())?;
        state.watcher = Some(sleeper.id);
        Some(sleeper.waker.clone())
    }
}

impl State {
    fn awake(&self) -> usize {
        self.live.saturating_sub(self.sleepers.len())
    }

    /// This runner is not the deputy, or not any more.
    fn resign(&mut self, id: u64) {
        if self.deputy == Some(id) {
            self.deputy = None;
        }
    }

    fn position(&self, id: u64) -> Option<usize> {
        self.sleepers.iter().position(|sleeper| sleeper.id == id)
    }

    /// The one that fell asleep last has the warmest caches; but not the watcher,
    /// if there is another, so that no other need be appointed.
    fn pop_sleeper(&mut self) -> Option<Sleeper> {
        let watcher = self.watcher;
        let index = self
            .sleepers
            .iter()
            .rposition(|sleeper| Some(sleeper.id) != watcher)
            .or(self.sleepers.len().checked_sub(1))?;
        Some(self.sleepers.remove(index))
    }
}

#[cfg(test)]
mod tests;
