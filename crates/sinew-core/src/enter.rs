//! Whoever has surroundings to run code in.

/// A runtime's handle and the like, seen from below: code can be run where it is the current one.
///
/// ```
/// use sinew_core::Enter;
///
/// /// Has no surroundings.
/// struct Nothing;
///
/// impl Enter for Nothing {
///     fn run_entered(&self, run: &mut dyn FnMut()) {
///         run();
///     }
/// }
///
/// let mut ran = 0;
/// Nothing.run_entered(&mut || ran += 1);
/// assert_eq!(ran, 1);
/// ```
pub trait Enter {
    /// Calls `run` once, on this thread, with the surroundings entered.
    fn run_entered(&self, run: &mut dyn FnMut());
}
