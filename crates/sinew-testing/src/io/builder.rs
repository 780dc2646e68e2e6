use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use super::mock::Mock;

/// Waits are at least this long.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// One thing that a [`Mock`] does or expects.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Read(Vec<u8>),
    Write(Vec<u8>),
    Wait(Duration),
    ReadError(ScriptedError),
    WriteError(ScriptedError),
}

/// An error that can be scripted more than once, because a [`Builder`] can be cloned.
#[derive(Clone, Debug)]
pub(super) struct ScriptedError(Arc<io::Error>);

impl ScriptedError {
    /// The error itself if this script alone has it, else one of the same kind, code and text.
    pub(super) fn into_error(self) -> io::Error {
        Arc::try_unwrap(self.0).unwrap_or_else(|shared| match shared.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(shared.kind(), Self(shared)),
        })
    }
}

impl fmt::Display for ScriptedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for ScriptedError {}

/// Makes a [`Mock`] from a script: what it reads and writes, in this order.
///
/// ```
/// use sinew_io::{AsyncReadExt, AsyncWriteExt};
/// use sinew_testing::io::Builder;
///
/// # sinew_testing::block_on(async {
/// let mut peer = Builder::new().write(b"ping").read(b"pong").build();
/// peer.write_all(b"ping").await?;
/// let mut buf = [0; 4];
/// peer.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"pong");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    actions: VecDeque<Action>,
    name: String,
}

impl Builder {
    /// A script with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Then `buf` can be read.
    pub fn read(&mut self, buf: &[u8]) -> &mut Self {
        self.push(Action::Read(buf.to_vec()))
    }

    /// Then a read fails with `error`.
    pub fn read_error(&mut self, error: io::Error) -> &mut Self {
        self.push(Action::ReadError(ScriptedError(Arc::new(error))))
    }

    /// Then `buf` must be written.
    pub fn write(&mut self, buf: &[u8]) -> &mut Self {
        self.push(Action::Write(buf.to_vec()))
    }

    /// Then a write fails with `error`.
    pub fn write_error(&mut self, error: io::Error) -> &mut Self {
        self.push(Action::WriteError(ScriptedError(Arc::new(error))))
    }

    /// Then reads and writes are pending for `duration`, at least a millisecond, counted from
    /// the write before or from the next read or write, whichever is earlier.
    pub fn wait(&mut self, duration: Duration) -> &mut Self {
        self.push(Action::Wait(duration.max(SHORTEST_WAIT)))
    }

    /// A name for the panics' messages and for `Debug`.
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        self.name = name.into();
        self
    }

    /// The mock that follows the script so far. A read at its end gives 0 bytes, a write panics.
    pub fn build(&mut self) -> Mock {
        self.build_with_handle().0
    }

    /// The mock, and a handle by which the script can be continued. While the handle is there,
    /// reads and writes at the end of the script are pending.
    pub fn build_with_handle(&mut self) -> (Mock, Handle) {
        let later = Arc::new(Later::default());
        let mock = Mock::new(self.actions.clone(), self.name.clone(), Arc::clone(&later));
        (mock, Handle { later })
    }

    fn push(&mut self, action: Action) -> &mut Self {
        self.actions.push_back(action);
        self
    }
}

/// Continues the script of a [`Mock`]. Dropping it ends the script.
#[derive(Debug)]
pub struct Handle {
    later: Arc<Later>,
}

impl Handle {
    /// Then `buf` can be read.
    ///
    /// # Panics
    ///
    /// Panics, as all methods here, if the mock was dropped.
    #[track_caller]
    pub fn read(&mut self, buf: &[u8]) -> &mut Self {
        self.push(Action::Read(buf.to_vec()))
    }

    /// Then a read fails with `error`.
    ///
    /// # Panics
    ///
    /// Panics if the mock was dropped.
    #[track_caller]
    pub fn read_error(&mut self, error: io::Error) -> &mut Self {
        self.push(Action::ReadError(ScriptedError(Arc::new(error))))
    }

    /// Then `buf` must be written.
    ///
    /// # Panics
    ///
    /// Panics if the mock was dropped.
    #[track_caller]
    pub fn write(&mut self, buf: &[u8]) -> &mut Self {
        self.push(Action::Write(buf.to_vec()))
    }

    /// Then a write fails with `error`.
    ///
    /// # Panics
    ///
    /// Panics if the mock was dropped.
    #[track_caller]
    pub fn write_error(&mut self, error: io::Error) -> &mut Self {
        self.push(Action::WriteError(ScriptedError(Arc::new(error))))
    }

    #[track_caller]
    fn push(&mut self, action: Action) -> &mut Self {
        assert!(
            Arc::strong_count(&self.later) > 1,
            "the mock of this handle was dropped"
        );
        self.later.change(|state| state.actions.push_back(action));
        self
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.later.change(|state| state.ended = true);
    }
}

/// What a handle has added and the mock not yet taken over.
#[derive(Debug, Default)]
pub(super) struct Later(Mutex<LaterState>);

#[derive(Debug, Default)]
struct LaterState {
    actions: VecDeque<Action>,
    ended: bool,
    waiting: Vec<Waker>,
}

/// What [`Later::take`] found.
pub(super) enum Taken {
    /// At least one action.
    Actions(VecDeque<Action>),
    /// None yet: the task is woken when there is one.
    NotYet,
    /// None, and none will come.
    Ended,
}

impl Later {
    fn lock(&self) -> MutexGuard<'_, LaterState> {
        // No foreign code runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut LaterState)) {
        let waiting = {
            let mut state = self.lock();
            change(&mut state);
            mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(super) fn take(&self, cx: &Context<'_>) -> Taken {
        let mut state = self.lock();
        if !state.actions.is_empty() {
            return Taken::Actions(mem::take(&mut state.actions));
        }
        if state.ended {
            return Taken::Ended;
        }
        if !state.waiting.iter().any(|w| w.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Taken::NotYet
    }
}
