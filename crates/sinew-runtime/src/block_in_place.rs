//! Blocking the thread of a task.

use sinew_core::coop;

use crate::context;

/// Runs `f`, which may block, on this thread.
///
/// On a worker of a multi-thread runtime, or on a thread that runs its tasks in
/// `block_on`, the runtime's other tasks go on meanwhile: the thread's queue and
/// the reactor are handed to another thread first. Other futures of the *same*
/// task, those beside this one in a `join!`, do wait. Prefer
/// [`spawn_blocking`](crate::spawn_blocking) where `f` can be moved.
///
/// `f` has no cooperative budget: what is polled in it does not give way.
///
/// On a thread that runs no tasks it merely runs `f`.
///
/// ```
/// let runtime = sinew_runtime::Builder::new_multi_thread()
///     .worker_threads(1)
///     .build()?;
/// let (sender, receiver) = std::sync::mpsc::channel();
/// let sum = runtime.block_on(runtime.spawn(async move {
///     sinew_runtime::spawn(async move { sender.send(41).unwrap() });
///     // The only worker waits here, and the other task runs all the same.
///     sinew_runtime::block_in_place(|| receiver.recv().unwrap() + 1)
/// }));
/// assert_eq!(sum.unwrap(), 42);
/// # std::io::Result::Ok(())
/// ```
///
/// # Panics
///
/// In async code of a current-thread or local runtime, which has no other thread
/// to hand anything to, and in that of a [`LocalSet`](crate::LocalSet), whose tasks
/// would all have to wait. Passes on a panic of `f`.
#[track_caller]
pub fn block_in_place<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    let Some(inner) = context::current().filter(|_| context::is_async()) else {
        return f();
    };
    let mut f = Some(f);
    let mut result = None;
    let ran = !context::is_in_local_set()
        && inner.flavor.block_in_place(&inner, &mut || {
            // No other task waits for this thread, so none is to be given way to.
            result = f.take().map(coop::unbudgeted);
        });
    match result {
        Some(result) if ran => result,
        _ => panic!(
            "`block_in_place` can call blocking only when running on the multi-threaded \
             runtime: use `spawn_blocking`, or `Builder::new_multi_thread`"
        ),
    }
}
