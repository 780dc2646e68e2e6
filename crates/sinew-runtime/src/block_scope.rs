//! Tasks that borrow, in parallel, while the thread blocks.

use sinew_task::{BlockScope, block_scope_on};

use crate::context;
use crate::{RuntimeFlavor, block_in_place, block_on, spawn};

/// Calls `f`, which may spawn tasks that borrow from around the call, and returns when
/// `f` and all of its tasks have ended.
///
/// The tasks run on the current runtime, as those of [`spawn`](crate::spawn) do, in
/// parallel to `f` and to each other, while this thread blocks. On a worker of a
/// multi-thread runtime the worker is handed over first, as
/// [`block_in_place`](crate::block_in_place) does. On the thread of a current-thread or
/// local runtime the tasks run whenever `f` waits for one of them, and when it is over.
///
/// Of *parallel*, *borrowing* and *async* a scope can have two. This one is not async,
/// so its caller cannot be dropped in the middle, and the tasks cannot outlive what
/// they borrow. `scope` borrows and is async, in one task; a nursery
/// is parallel and async, and borrows nothing.
///
/// ```
/// use sinew_runtime::block_scope;
///
/// let numbers: Vec<u32> = (0..1000).collect();
/// let sums: Vec<u32> = block_scope(|s| {
///     let parts = numbers.chunks(250).map(|part| s.spawn(async move { part.iter().sum() }));
///     let parts: Vec<_> = parts.collect();
///     parts.into_iter().map(|part| part.join().unwrap()).collect()
/// });
/// assert_eq!(sums.iter().sum::<u32>(), 499_500);
/// ```
///
/// # Panics
///
/// If `f` panics: the tasks are aborted, and when all have ended the panic goes on. If a
/// task panics whose handle was not joined: when all have ended.
pub fn block_scope<'env, T, F>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope BlockScope<'scope, 'env>) -> T,
{
    let scheduler = spawn::scheduler();
    let scoped = || block_scope_on(scheduler, |future| block_on(future), f);
    let flavor = context::current().map(|inner| inner.flavor.kind());
    if context::is_async() && flavor == Some(RuntimeFlavor::MultiThread) {
        block_in_place(scoped)
    } else {
        scoped()
    }
}
