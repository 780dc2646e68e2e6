//! The right to run the tasks of a current-thread runtime.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sinew_core::Unpark;

/// The right to run the tasks of a current-thread runtime, of which there is
/// one, and who waits for it.
#[derive(Default)]
pub(crate) struct Core(Mutex<CoreState>);

#[derive(Default)]
struct CoreState {
    taken: bool,
    waiting: Vec<(u64, Arc<dyn Unpark>)>,
    next: u64,
}

/// Holds the core; hands it on when dropped.
pub(crate) struct CoreGuard<'a>(&'a Core);

impl Core {
    fn lock(&self) -> MutexGuard<'_, CoreState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the core, or notes that `unparker` wants to be told when it is free.
    pub(crate) fn take(
        &self,
        ticket: &mut Option<u64>,
        unparker: &Arc<dyn Unpark>,
    ) -> Option<CoreGuard<'_>> {
        let mut state = self.lock();
        if !state.taken {
            state.taken = true;
            return Some(CoreGuard(self));
        }
        if ticket.is_none() {
            *ticket = Some(state.next);
            let number = state.next;
            state.next += 1;
            state.waiting.push((number, unparker.clone()));
        }
        None
    }

    /// No longer waits for the core. If it has become free meanwhile, the news
    /// may have gone to this thread only, so it is passed on.
    pub(crate) fn leave(&self, ticket: Option<u64>) {
        let Some(ticket) = ticket else { return };
        let mut state = self.lock();
        state.waiting.retain(|(number, _)| *number != ticket);
        let next = if state.taken {
            None
        } else {
            state.waiting.first().map(|(_, unparker)| unparker.clone())
        };
        drop(state);
        if let Some(unparker) = next {
            unparker.unpark();
        }
    }
}

impl Drop for CoreGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.taken = false;
        let next = state.waiting.first().map(|(_, unparker)| unparker.clone());
        drop(state);
        if let Some(unparker) = next {
            unparker.unpark();
        }
    }
}
