//! A runner that blocks steps aside.

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use sinew_task::Resting;

use crate::Scheduler;
use crate::current::{self, Current, Scope};

/// This thread's runner, while the task that it polls does something that blocks.
/// Made by [`Scheduler::suspend`]; dropping it resumes the runner.
///
/// Meanwhile the runner is not counted, and its queue is with the other runners.
#[must_use = "the runner is resumed when this is dropped"]
pub struct Suspended<'a> {
    scheduler: &'a Scheduler,
    scope: Option<Scope>,
    /// Whether the runner is to be counted again.
    counted: bool,
    needs_substitute: bool,
    #[expect(dead_code, reason = "kept for its destructor")]
    resting: Resting<'a>,
    not_send: PhantomData<Rc<()>>,
}

impl Scheduler {
    /// Suspends the runner that this thread is, so that what follows may block:
    /// its queue goes to the others, and a sleeping one is woken for it. `None` if
    /// this thread is no runner of this scheduler, and nothing need be done.
    pub fn suspend(&self) -> Option<Suspended<'_>> {
        if !current::is_runner_of(self) {
            return None;
        }
        let slot = current::get().slot.map(|slot| self.slot(slot));
        let mut counted = true;
        if let Some(slot) = slot {
            self.give_away(slot);
            if slot.is_in_main() {
                // A guest in its main future: that it is excused it sees itself
                // when the poll ends; unless the watcher has excused it already.
                counted = false;
                if slot.excuse(slot.main()) {
                    self.idle.end();
                }
            }
        }
        if counted {
            self.idle.end();
        }
        self.notify_if_tasks();
        Some(Suspended {
            needs_substitute: self.idle.live() < self.runners(),
            scheduler: self,
            scope: Some(current::enter(Current::NONE)),
            counted,
            resting: self.tasks.rest(),
            not_send: PhantomData,
        })
    }
}

impl Suspended<'_> {
    /// Whether fewer runners are left than the scheduler is meant to have: another
    /// thread should take this one's place until it is resumed.
    #[must_use]
    pub fn needs_substitute(&self) -> bool {
        self.needs_substitute
    }
}

impl Drop for Suspended<'_> {
    fn drop(&mut self) {
        self.scope = None;
        if self.counted {
            self.scheduler.idle.begin();
        }
    }
}

impl fmt::Debug for Suspended<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suspended").finish_non_exhaustive()
    }
}
