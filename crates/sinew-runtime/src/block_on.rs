//! A future on the calling thread, inside of a runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use crate::context;
use crate::handle::Inner;
use crate::main_future::MainFuture;

/// Runs `future` in the way of the runtime's flavour.
pub(crate) fn block_on<F: Future>(inner: &Arc<Inner>, future: F) -> F::Output {
    let future = pin!(future);
    let mut main = MainFuture::new(future);
    let _context = context::enter(inner);
    context::in_async(&mut || inner.flavor.block_on(inner, &mut main));
    main.into_output()
}
