//! The seam through which [`copy`](crate::copy) has the system move the bytes.
//!
//! A crate whose readers and writers are the system's [`register`]s once how to
//! find a [`Source`] behind a reader and a [`Target`] behind a writer. When
//! `copy` or `copy_bidirectional` sees that much is moved, it asks whether it has
//! a source and a target before it; if so the source moves the bytes, and they
//! never enter the program. Readers and writers in between, buffered ones for
//! example, are neither, since no crate registers them.
//!
//! Programs need nothing of this: sinew's sockets, pipes and files register
//! themselves.
//!
//! # When it is used
//!
//! Moving bytes inside of the system pays for many bytes at a time and costs more
//! for few. So `copy` begins with its buffer, turns to the source when two reads
//! in a row have filled the buffer, and back to the buffer when the source says
//! so.

use std::any::Any;
use std::fmt;
use std::io::Result;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use sinew_core::borrowed_any::BorrowedAny;

/// What the system knows an open object by.
#[cfg(unix)]
pub type Descriptor<'a> = std::os::fd::BorrowedFd<'a>;

/// What the system knows an open object by: nothing here, so nothing registers.
#[cfg(not(unix))]
pub type Descriptor<'a> = std::marker::PhantomData<&'a std::convert::Infallible>;

/// A reader that can move its bytes inside of the system.
pub trait Source {
    /// Moves bytes to `target`, or waits until it can, in one step.
    ///
    /// Each step of one copy gets the same `relay`, which is empty at first. The
    /// source is read only while the relay holds no bytes, so an error of the
    /// reader comes after all that was read has been written.
    ///
    /// # Errors
    ///
    /// Those of the reader and of the writer.
    fn poll_splice(
        &self,
        cx: &mut Context<'_>,
        target: &dyn Target,
        relay: &mut Relay,
    ) -> Poll<Result<Spliced>>;
}

/// A writer with a descriptor.
pub trait Target {
    /// Whether the system may write to it by itself. Asked once in each copy.
    fn admits(&self) -> bool {
        true
    }

    /// Calls `take` with the descriptor until it does not fail with
    /// [`WouldBlock`](std::io::ErrorKind::WouldBlock), which it does if the
    /// descriptor has no room, and only then; waits for room in between.
    ///
    /// # Errors
    ///
    /// Those of `take`, or of the wait.
    fn poll_take(
        &self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(Descriptor<'_>) -> Result<usize>,
    ) -> Poll<Result<usize>>;
}

/// What one step has come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Spliced {
    /// The target has taken this many bytes, at least one.
    Moved(usize),
    /// The reader has come to its end, and the relay is empty.
    End,
    /// It does not pay now. The relay is empty; read through the buffer.
    NotNow,
    /// It does not work between these two. What was read and not yet written is
    /// given back; the relay is empty.
    Never(Vec<u8>),
}

/// What a [`Source`] keeps between the steps of one copy. Dropped with it, along
/// with the bytes in it.
#[derive(Default)]
pub struct Relay(Option<Box<dyn Any + Send + Sync>>);

impl Relay {
    /// The state, made when it is first asked for.
    #[expect(
        clippy::missing_panics_doc,
        reason = "one source has one type of state"
    )]
    pub fn state<T: Any + Send + Sync + Default>(&mut self) -> &mut T {
        let state = self.0.get_or_insert_with(|| Box::<T>::default());
        state.downcast_mut().expect("a source keeps to one type")
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").finish_non_exhaustive()
    }
}

/// How one crate finds what it knows behind a reader or a writer.
#[derive(Clone, Copy, Debug)]
pub struct Finder {
    /// The source behind a reader.
    pub source: for<'a> fn(BorrowedAny<'a>) -> Option<&'a dyn Source>,
    /// The target behind a writer.
    pub target: for<'a> fn(BorrowedAny<'a>) -> Option<&'a dyn Target>,
}

static FINDERS: Mutex<Vec<Finder>> = Mutex::new(Vec::new());

/// Adds a crate's finder. To be called once, before the first of its readers and
/// writers is given out.
pub fn register(finder: Finder) {
    let mut finders = FINDERS.lock().unwrap_or_else(PoisonError::into_inner);
    finders.push(finder);
}

/// The finders for a reader and for a writer.
pub(crate) fn find(reader: BorrowedAny<'_>, writer: BorrowedAny<'_>) -> Option<(Finder, Finder)> {
    let finders = FINDERS.lock().unwrap_or_else(PoisonError::into_inner);
    let source = finders.iter().find(|it| (it.source)(reader).is_some())?;
    let admitted = |it: &&Finder| (it.target)(writer).is_some_and(|target| target.admits());
    let target = finders.iter().find(admitted)?;
    Some((*source, *target))
}
