//! Which runtime a thread is in.

use std::cell::Cell;
use std::sync::Arc;

use sinew_blocking::Pool;
use sinew_core::blocking::{self, EnteredPolicy, Policy};
use sinew_core::{Ambient, Entered, OutOfLine, Slot};
use sinew_reactor::Reactor;
use sinew_task::Schedule;
use sinew_time::Timers;

use crate::handle::Inner;
use crate::{RuntimeFlavor, block_in_place};

thread_local! {
    static ENTERED: Slot<Inner> = const { Slot::new() };
    /// How many `block_on`s and worker loops of sinew this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// How many `EnterGuard`s there are.
    static GUARDS: Cell<usize> = const { Cell::new(0) };
    /// Whether it polls tasks that have to stay on it beside those of its runtime.
    static IN_LOCAL_SET: Cell<bool> = const { Cell::new(false) };
}

static RUNTIME: Ambient<Inner> = Ambient::without_default(&ENTERED);

/// Everything that a runtime enters on a thread. Left when dropped.
pub(crate) struct Context(#[expect(dead_code, reason = "dropped")] OutOfLine<Parts>);

struct Parts {
    _runtime: Entered<Inner>,
    _schedule: Entered<dyn Schedule>,
    _reactor: Entered<Reactor>,
    _timers: Entered<Timers>,
    _pool: Entered<Pool>,
}

/// Makes a runtime and its parts the current ones of this thread.
pub(crate) fn enter(inner: &Arc<Inner>) -> Context {
    Context(OutOfLine::new(Parts {
        _runtime: RUNTIME.enter(inner.clone()),
        _schedule: sinew_task::enter(inner.schedule.clone()),
        _reactor: inner.driver.reactor.clone().enter(),
        _timers: inner.driver.timers.clone().enter(),
        _pool: inner.pool.clone().enter(),
    }))
}

/// The runtime that this thread is in.
pub(crate) fn current() -> Option<Arc<Inner>> {
    RUNTIME.entered()
}

/// Says what the `blocking_*` ends of locks and channels do on this thread while it
/// runs async code.
fn enter_policy(kind: RuntimeFlavor) -> EnteredPolicy {
    blocking::enter(match kind {
        // The tasks that would end the wait run on this very thread.
        RuntimeFlavor::CurrentThread | RuntimeFlavor::Local => Policy::Refused,
        RuntimeFlavor::MultiThread => Policy::HandOver(|sleep| block_in_place(sleep)),
    })
}

/// Marks this thread as running async code of a runtime of this kind while `f` runs.
pub(crate) fn in_async(kind: RuntimeFlavor, f: &mut dyn FnMut()) {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    DEPTH.set(DEPTH.get() + 1);
    let _leave = Leave;
    let _policy = enter_policy(kind);
    f();
}

/// Whether this thread is running async code, so that it must not be blocked
/// for long.
pub(crate) fn is_async() -> bool {
    DEPTH.get() > 0
}

/// The place of an `EnterGuard` among those of its thread. A type of its own: were
/// the destructor the guard's, the runtime could not be moved while it is there.
pub(crate) struct GuardOrder(usize);

impl GuardOrder {
    pub(crate) fn begin() -> GuardOrder {
        GUARDS.set(GUARDS.get() + 1);
        GuardOrder(GUARDS.get())
    }
}

impl Drop for GuardOrder {
    fn drop(&mut self) {
        let in_order = GUARDS.get() == self.0;
        GUARDS.set(GUARDS.get() - 1);
        assert!(
            in_order || std::thread::panicking(),
            "an `EnterGuard` was dropped before a later one of its thread"
        );
    }
}

/// Runs `f`, which polls tasks of a `LocalSet` or drops them.
pub(crate) fn without_block_in_place<R>(f: impl FnOnce() -> R) -> R {
    struct Leave(bool);
    impl Drop for Leave {
        fn drop(&mut self) {
            IN_LOCAL_SET.set(self.0);
        }
    }
    let _leave = Leave(IN_LOCAL_SET.replace(true));
    f()
}

/// Whether this thread is in [`without_block_in_place`].
pub(crate) fn is_in_local_set() -> bool {
    IN_LOCAL_SET.get()
}
