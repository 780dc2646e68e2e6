//! Making wakers, and waking many at once.

use std::fmt;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::park::Unpark;

/// How many wakers a [`WakeList`] holds before it must be emptied. Enough for
/// most batches, small enough for the stack.
const BATCH: usize = 32;

struct FnWake<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for FnWake<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        (self.0)();
    }
}

/// A waker that calls `wake` each time it is woken.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::Arc;
///
/// let count = Arc::new(AtomicUsize::new(0));
/// let waker = sinew_core::waker::waker_fn({
///     let count = count.clone();
///     move || { count.fetch_add(1, Ordering::Relaxed); }
/// });
/// waker.wake_by_ref();
/// waker.wake();
/// assert_eq!(count.load(Ordering::Relaxed), 2);
/// ```
pub fn waker_fn(wake: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(FnWake(wake)))
}

/// A waker that ends the wait of a [`Park`](crate::Park).
pub fn unpark_waker(unparker: Arc<dyn Unpark>) -> Waker {
    waker_fn(move || unparker.unpark())
}

/// Wakers taken from under a lock, to be woken after it is released: a waker
/// may run any code, also code that wants that lock.
///
/// Holds up to 32 without allocating. Wakers that are still in the list when it
/// is dropped are woken then, so that a panic in one does not lose the others.
///
/// ```
/// use sinew_core::waker::WakeList;
/// use std::collections::VecDeque;
/// use std::sync::Mutex;
/// use std::task::Waker;
///
/// fn wake_all(waiters: &Mutex<VecDeque<Waker>>) {
///     let mut batch = WakeList::new();
///     let mut locked = waiters.lock().unwrap();
///     loop {
///         while batch.can_push() {
///             match locked.pop_front() {
///                 Some(waker) => batch.push(waker),
///                 None => {
///                     drop(locked);
///                     batch.wake_all();
///                     return;
///                 }
///             }
///         }
///         drop(locked);
///         batch.wake_all();
///         locked = waiters.lock().unwrap();
///     }
/// }
/// # wake_all(&Mutex::new(std::iter::repeat_n(Waker::noop().clone(), 70).collect()));
/// ```
pub struct WakeList {
    /// The first `len` are initialised, the others are not: making a list writes
    /// one word, not 32 slots.
    wakers: [MaybeUninit<Waker>; BATCH],
    len: usize,
}

impl WakeList {
    /// An empty list.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        WakeList {
            wakers: [const { MaybeUninit::uninit() }; BATCH],
            len: 0,
        }
    }

    /// Whether there is room for one more.
    #[inline]
    #[must_use]
    pub fn can_push(&self) -> bool {
        self.len < BATCH
    }

    /// Adds a waker.
    ///
    /// # Panics
    ///
    /// When the list is full; ask [`can_push`](Self::can_push) first.
    #[inline]
    pub fn push(&mut self, waker: Waker) {
        assert!(self.can_push(), "a WakeList holds at most {BATCH} wakers");
        prefetch(waker.data());
        self.wakers[self.len].write(waker);
        self.len += 1;
    }

    /// Wakes all, in the order in which they were added, and empties the list.
    /// Must not be called with a lock held.
    #[inline]
    pub fn wake_all(&mut self) {
        let len = std::mem::take(&mut self.len);
        // Should a waker panic, the guard wakes the rest while unwinding.
        let mut rest = Rest(self.wakers[..len].iter());
        rest.wake();
    }
}

/// Begins to load what a waker points to, usually a task that nobody has looked at
/// for long. The wakers of a batch wait for memory together, not one by one.
#[inline]
fn prefetch(data: *const ()) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is always there on this architecture, and a prefetch of an
        // address that leads nowhere does nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(data.cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = data;
}

/// Wakers of a list that no longer counts them: each is initialised, and is this
/// guard's to take once.
struct Rest<'a>(std::slice::Iter<'a, MaybeUninit<Waker>>);

impl Rest<'_> {
    #[inline]
    fn wake(&mut self) {
        for waker in self.0.by_ref() {
            // SAFETY: initialised, and taken here only, because the iterator has
            // moved on: see the type.
            let waker = unsafe { waker.assume_init_read() };
            waker.wake();
        }
    }
}

impl Drop for Rest<'_> {
    #[inline]
    fn drop(&mut self) {
        self.wake();
    }
}

impl Drop for WakeList {
    #[inline]
    fn drop(&mut self) {
        self.wake_all();
    }
}

impl Default for WakeList {
    fn default() -> Self {
        WakeList::new()
    }
}

impl fmt::Debug for WakeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakeList").field("len", &self.len).finish()
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
