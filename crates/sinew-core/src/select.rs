//! `select!`: several futures in one task, one handler for the first.

/// Waits on several futures at once and runs the handler of the first to end.
///
/// ```text
/// select! {
///     biased;                                                   // optional
///     <pattern> = <async expression> (, if <precondition>)? => <handler>,
///     …
///     else => <handler>,                                        // optional
/// }
/// ```
///
/// 1. The preconditions are evaluated. A branch whose precondition is `false`
///    is disabled.
/// 2. The async expressions are evaluated, those of disabled branches too. A
///    value that can be made into a future
///    ([`IntoFuture`](std::future::IntoFuture)) will do.
/// 3. The futures of the enabled branches are polled until one ends with an
///    output that matches its pattern. An output that does not match disables
///    its branch; the others go on.
/// 4. All futures are dropped. A future given as `&mut future` is not: only the
///    reference goes, and a later `select!` can go on with it.
/// 5. The handler runs and gives the value of the `select!`.
///
/// If all branches are disabled, the handler of `else` runs instead.
///
/// A handler may use whatever the surrounding function may: `.await`, `?`,
/// `break`, `continue` and `return`. It may borrow what the futures borrowed.
/// It is a block, or an expression with a comma after it.
///
/// The futures run concurrently in the current task; nothing is allocated. Up
/// to 64 branches. Can be used in async functions, closures and blocks only.
///
/// # Fairness
///
/// The first poll begins with any of the branches and each later one with the next, so
/// that no branch is starved by others that are always ready: over many rounds each comes
/// first as often as any other. Whose turn it is comes from [`rng`](crate::rng::turn): a
/// runtime with a seed repeats its choices.
///
/// With `biased;` the branches are polled in the order written: cheaper, and
/// right where the order is meant, as for a shutdown signal before new work. It
/// is then up to you that a branch that is always ready does not stand first.
///
/// # Panics
///
/// If all branches are disabled and there is no `else`.
///
/// # Cancel safety
///
/// The futures of the branches that did not win are dropped, and what they had
/// done is lost, unless their documentation says otherwise. In a loop, this
/// happens on each round. Give such a future a name outside of the loop, pin it
/// ([`pin!`](crate::pin!)) and pass `&mut future`.
///
/// # Examples
///
/// ```
/// use sinew_core::{block_on, pin, select};
/// use std::future::{pending, ready};
///
/// block_on(async {
///     let value = select! {
///         value = ready(7) => value,
///         _ = pending::<()>() => 0,
///     };
///     assert_eq!(value, 7);
///
///     // Sums up until both are done. A branch that is done is not polled again.
///     let (first, second) = (ready(1), ready(2));
///     pin!(first, second);
///     let (mut first_done, mut second_done, mut sum) = (false, false, 0);
///     loop {
///         select! {
///             value = &mut first, if !first_done => {
///                 first_done = true;
///                 sum += value;
///             }
///             value = &mut second, if !second_done => {
///                 second_done = true;
///                 sum += value;
///             }
///             else => break,
///         }
///     }
///     assert_eq!(sum, 3);
///
///     // A refutable pattern: the branch is out when it does not match.
///     let found = select! {
///         Some(n) = ready(None::<u32>) => n,
///         else => 42,
///     };
///     assert_eq!(found, 42);
/// });
/// ```
#[macro_export]
macro_rules! select {
    ($($branches:tt)*) => {
        $crate::__macro::select!(($crate) $($branches)*)
    };
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
