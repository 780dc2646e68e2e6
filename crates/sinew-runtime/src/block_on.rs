//! A future on the calling thread, inside of a runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use sinew_core::rng;

use crate::context;
use crate::handle::Inner;
use crate::main_future::MainFuture;
use crate::unhandled::Watched;

/// Runs `future` in the way of the runtime's flavour.
#[track_caller]
pub(crate) fn block_on<F: Future>(inner: &Arc<Inner>, future: F) -> F::Output {
    let future = pin!(future);
    let mut main = MainFuture::new(future, &inner.driver);
    let _context = context::enter(inner);
    let _seeded = inner.seeds.as_ref().map(|seeds| rng::enter(seeds.next()));
    let kind = inner.flavor.kind();
    if !inner.shutdown.has_workers() {
        inner.threads.set_current(0);
    }
    let Some(unhandled) = &inner.unhandled else {
        context::in_async(kind, &mut || inner.flavor.block_on(inner, &mut main));
        return main.into_output();
    };
    let mut watched = Watched::new(&mut main, unhandled);
    context::in_async(kind, &mut || inner.flavor.block_on(inner, &mut watched));
    drop(watched);
    match (main.into_done(), unhandled.reason()) {
        (None, Some(reason)) => stopped(inner, reason),
        (output, _) => output.expect("a thread goes on when its future is done"),
    }
}

/// A task's panic has ended the runtime.
#[cold]
#[track_caller]
fn stopped(inner: &Arc<Inner>, reason: &str) -> ! {
    // Inside of other async code a task of this very runtime may be suspended
    // beneath us, which could not be dropped. Then the outermost cleans up.
    if !inner.shutdown.has_workers() && !context::is_async() {
        inner.clean_up(None);
    }
    panic!("{reason}");
}
