//! What the end of a task means for its nursery.

use std::error::Error;

/// An error of any type, as nurseries keep it.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// What a task of a nursery may end with: nothing, or a `Result` whose error is a
/// failure; or it never ends. Values leave a nursery through channels.
pub trait Outcome: Send + 'static {
    /// Whether it failed, and with what.
    ///
    /// # Errors
    ///
    /// The failure.
    fn outcome(self) -> Result<(), Box<dyn Error + Send + Sync>>;
}

impl Outcome for () {
    fn outcome(self) -> Result<(), BoxError> {
        Ok(())
    }
}

/// The type `!`, which has a name on stable Rust only where a function returns it.
type Never = <fn() -> ! as returns::Returns>::Value;

mod returns {
    /// Not a part of the public interface.
    pub trait Returns {
        type Value;
    }

    impl<T> Returns for fn() -> T {
        type Value = T;
    }
}

/// Of a task that loops for ever.
impl Outcome for Never {
    fn outcome(self) -> Result<(), BoxError> {
        self
    }
}

impl<T, E> Outcome for Result<T, E>
where
    T: Send + 'static,
    E: Into<BoxError> + Send + 'static,
{
    fn outcome(self) -> Result<(), BoxError> {
        self.map(drop).map_err(Into::into)
    }
}
