//! What a task leaves behind.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::JoinError;

/// The output of a task. Dropped without being taken, it keeps a panic of the
/// output's destructor from going further, and tells of an error that nobody has
/// seen.
pub(crate) struct Output<T>(Option<Result<T, JoinError>>);

impl<T> Output<T> {
    pub(crate) fn new(result: Result<T, JoinError>) -> Self {
        Output(Some(result))
    }
}

impl<T> Drop for Output<T> {
    fn drop(&mut self) {
        if let Some(result) = self.0.take() {
            if let Err(error) = &result {
                error.report_unseen();
            }
            // The panic hook has reported it; there is nobody else to tell.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(result)));
        }
    }
}
