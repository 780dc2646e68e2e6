//! Which timers a thread has, and the thread that drives the default ones.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use sinew_core::{Ambient, Entered, Park, Slot, ThreadPark};

use super::{Shard, Timers};

thread_local!(static ENTERED: Slot<Timers> = const { Slot::new() });
// The wheel that this thread keeps.
thread_local!(static KEEPS: Cell<Option<&'static Shard>> = const { Cell::new(None) });
thread_local!(static UNUSED: Slot<Timers> = const { Slot::new() });

static TIMERS: Ambient<Timers> = Ambient::new(&ENTERED, process_default);

/// The default by itself. Its slot stays empty, so that the default can be had
/// on a thread where other timers are entered, for when those are shut down.
static DEFAULT: Ambient<Timers> = Ambient::new(&UNUSED, start);

pub(crate) fn enter(timers: Arc<Timers>) -> Entered<Timers> {
    Slot::enter(&ENTERED, timers)
}

pub(crate) fn entered() -> Option<Arc<Timers>> {
    TIMERS.entered()
}

/// Makes `shard` the wheel that this thread keeps. Returns the one before.
pub(super) fn set_kept(shard: Option<&'static Shard>) -> Option<&'static Shard> {
    KEEPS.replace(shard)
}

/// Whether `shard` is the wheel that this thread keeps.
pub(super) fn keeps(shard: &'static Shard) -> bool {
    KEEPS.get().is_some_and(|kept| std::ptr::eq(kept, shard))
}

/// Where a timer that is polled on this thread belongs.
#[derive(Clone, Copy)]
pub(crate) struct Here {
    pub(crate) shard: &'static Shard,
    group: u64,
}

impl Here {
    /// Whether an entry of `shard` may stay there: it is of this group.
    pub(crate) fn is_home_of(self, shard: &'static Shard) -> bool {
        std::ptr::eq(self.shard, shard) || self.group == shard.group_id()
    }
}

/// The timers entered on this thread, without counting a reference. What they
/// leave behind outlives them.
#[inline]
pub(crate) fn here() -> Option<Here> {
    TIMERS.peek(|timers| Here {
        shard: timers.shard,
        group: timers.group.id,
    })
}

/// The wheel for those that find the one that is entered here kept by another thread.
#[cold]
pub(crate) fn base_here() -> Option<&'static Shard> {
    TIMERS.peek(|timers| timers.group.base()).flatten()
}

/// The shard of the default timers of the process.
pub(crate) fn default_shard() -> io::Result<&'static Shard> {
    match DEFAULT.started_default() {
        Some(timers) => Ok(timers.shard),
        None => Ok(DEFAULT.current()?.shard),
    }
}

pub(crate) fn current() -> io::Result<Arc<Timers>> {
    TIMERS.current()
}

fn process_default() -> io::Result<Arc<Timers>> {
    DEFAULT.current()
}

fn start() -> io::Result<Arc<Timers>> {
    let timers = Arc::new(Timers::with(true));
    let park = ThreadPark::new();
    timers.set_unparker(park.unparker());
    let driven = timers.clone();
    let builder = thread::Builder::new().name("sinew-time".to_owned());
    sinew_core::thread::start(builder, Box::new(move || drive(&driven, park)))?;
    Ok(timers)
}

fn drive(timers: &Timers, mut park: ThreadPark) {
    loop {
        let deadline = timers.prepare_park();
        park.park(deadline);
        // A waker that panics has been reported by the panic hook, and the other
        // wakers of its batch are woken while unwinding. The timers of the process must go on.
        let _ = catch_unwind(AssertUnwindSafe(|| timers.after_park()));
    }
}
