//! What becomes of a child's output.

use super::{Failure, Scope};

/// What becomes of an output.
pub(super) trait Deliver<O> {
    type Value;

    /// What the handle is given; `None` if the child has failed.
    fn deliver(&self, output: O) -> Option<Self::Value>;
}

/// Any output is a value.
pub(super) struct Plain;

impl<O> Deliver<O> for Plain {
    type Value = O;

    fn deliver(&self, output: O) -> Option<O> {
        Some(output)
    }
}

/// An error ends the scope.
pub(super) struct Fallible<'scope, 'env, E>(pub(super) &'scope Scope<'scope, 'env, E>);

impl<T, E> Deliver<Result<T, E>> for Fallible<'_, '_, E> {
    type Value = T;

    fn deliver(&self, output: Result<T, E>) -> Option<T> {
        match output {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.fail(Failure::Error(error));
                None
            }
        }
    }
}
