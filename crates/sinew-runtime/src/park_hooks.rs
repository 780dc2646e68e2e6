//! What is called when a thread begins and ceases to wait for tasks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::builder::Hook;

#[derive(Clone)]
pub(crate) struct ParkHooks {
    park: Option<Hook>,
    unpark: Option<Hook>,
}

fn call(hook: Option<&Hook>) {
    if let Some(hook) = hook {
        // The panic hook has reported it. The worker lives on.
        let _ = catch_unwind(AssertUnwindSafe(|| hook()));
    }
}

impl ParkHooks {
    /// `None` if nothing is set.
    pub(crate) fn of(park: &Option<Hook>, unpark: &Option<Hook>) -> Option<Arc<ParkHooks>> {
        let any = park.is_some() || unpark.is_some();
        any.then(|| {
            Arc::new(ParkHooks {
                park: park.clone(),
                unpark: unpark.clone(),
            })
        })
    }

    pub(crate) fn park(&self) {
        call(self.park.as_ref());
    }

    pub(crate) fn unpark(&self) {
        call(self.unpark.as_ref());
    }
}
