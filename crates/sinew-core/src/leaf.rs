//! Leaves say what they wait for.
//!
//! A *leaf* is a future that waits for something outside of the task: a timer,
//! a socket, a lock, a channel, a thread. Each leaf of sinew ends the poll in
//! which it cannot go on with [`pending`], which notes the kind of wait, the
//! resource and the place in the source where the leaf was made. A future of
//! another family that does not do this is simply not seen.
//!
//! In a task the note is a thread-local load, a compare and two plain stores; outside
//! of one, two loads and two compares.
//!
//! ```
//! use sinew_core::leaf::{self, Kind, Wait};
//! use std::panic::Location;
//! use std::task::Poll;
//!
//! // In the `poll` of a leaf that found its resource not ready:
//! fn not_ready() -> Poll<()> {
//!     leaf::pending(&Wait {
//!         kind: Kind::Channel,
//!         resource: 7,
//!         location: Location::caller(),
//!     })
//! }
//!
//! let (polled, waits) = leaf::trace(not_ready);
//! assert!(polled.is_pending());
//! assert_eq!(waits[0].kind, Kind::Channel);
//! ```

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::Location;
use std::ptr;
use std::task::Poll;

use crate::context::{self, Scope};
use crate::record::Record;

/// What a leaf waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Kind {
    /// Something that fits nowhere else.
    Other = 0,
    /// A deadline.
    Timer = 1,
    /// A descriptor to become readable, or a connection to arrive.
    Readable = 2,
    /// A descriptor to become writable, or a connect to finish.
    Writable = 3,
    /// Another task to finish.
    Task = 4,
    /// A lock to become free.
    Lock = 5,
    /// A channel: a value to arrive, or room for one.
    Channel = 6,
    /// A closure on the blocking pool.
    Blocking = 7,
    /// A signal from the operating system.
    Signal = 8,
    /// A child process to exit.
    Process = 9,
    /// Its own next turn: the task gave way to others.
    Yield = 10,
    /// Permits of a semaphore.
    Semaphore = 11,
    /// To be told: a notification or a condition variable.
    Notify = 12,
    /// Other tasks to arrive or to finish.
    Barrier = 13,
    /// A value that is set once.
    Once = 14,
    /// A cancellation.
    Cancellation = 15,
}

impl Kind {
    /// The kind of these bits; [`Kind::Other`] for bits that no kind has.
    #[must_use]
    pub(crate) fn from_bits(bits: u8) -> Kind {
        match bits {
            1 => Kind::Timer,
            2 => Kind::Readable,
            3 => Kind::Writable,
            4 => Kind::Task,
            5 => Kind::Lock,
            6 => Kind::Channel,
            7 => Kind::Blocking,
            8 => Kind::Signal,
            9 => Kind::Process,
            10 => Kind::Yield,
            11 => Kind::Semaphore,
            12 => Kind::Notify,
            13 => Kind::Barrier,
            14 => Kind::Once,
            15 => Kind::Cancellation,
            _ => Kind::Other,
        }
    }

    /// A short lower-case word for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Other => "other",
            Kind::Timer => "timer",
            Kind::Readable => "readable",
            Kind::Writable => "writable",
            Kind::Task => "task",
            Kind::Lock => "lock",
            Kind::Channel => "channel",
            Kind::Blocking => "blocking",
            Kind::Signal => "signal",
            Kind::Process => "process",
            Kind::Yield => "yield",
            Kind::Semaphore => "semaphore",
            Kind::Notify => "notify",
            Kind::Barrier => "barrier",
            Kind::Once => "once",
            Kind::Cancellation => "cancellation",
        }
    }
}

/// One wait of one leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What kind of thing is waited for.
    pub kind: Kind,
    /// Which one: a descriptor, a task's id, an address; whatever tells two
    /// resources of a kind apart. The upper 8 bits are lost when it is noted.
    pub resource: u64,
    /// Where the leaf was made.
    pub location: &'static Location<'static>,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.resource)?;
        write!(f, " at {}", self.location)
    }
}

/// A trace that is being taken.
pub(crate) struct Trace {
    /// The record of the task that is polled in it; null outside of any.
    pub(crate) record: Cell<*const Record>,
    /// The waits that it has seen.
    waits: RefCell<Vec<Wait>>,
}

impl Trace {
    // The parts one by one: a `Wait` by reference would have to be in memory
    // also where there is no trace.
    #[cold]
    fn collect(&self, kind: Kind, resource: u64, location: &'static Location<'static>) {
        let wait = Wait {
            kind,
            resource,
            location,
        };
        // SAFETY: invariant 1 of `context`: it is null, or we are inside of the scope of
        // the record.
        if let Some(record) = unsafe { self.record.get().as_ref() } {
            record.note(&wait);
        }
        self.waits.borrow_mut().push(wait);
    }
}

/// Notes `wait` for the current task and for the trace under way, if any, and
/// is `Pending`. Each leaf ends its unfinished poll with this call.
#[inline]
pub fn pending<T>(wait: &Wait) -> Poll<T> {
    match context::noted_by_record() {
        Some(record) => record.note(wait),
        None => {
            if let Some(trace) = context::trace() {
                trace.collect(wait.kind, wait.resource, wait.location);
            }
        }
    }
    Poll::Pending
}

/// Runs `poll` and collects every wait that is noted on this thread meanwhile,
/// in order: all branches of a `join!` or `select!`, not only the last. Not those of
/// tasks to which a loop gives [turns](crate::record::turns) in it.
pub fn trace<R>(poll: impl FnOnce() -> R) -> (R, Vec<Wait>) {
    let trace = Trace {
        record: Cell::new(context::record()),
        waits: RefCell::new(Vec::new()),
    };
    let output = {
        let mut context = context::current();
        context.record = ptr::null();
        context.trace = &trace;
        let _scope = Scope::enter(context);
        poll()
    };
    (output, trace.waits.into_inner())
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
