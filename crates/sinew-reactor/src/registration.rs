//! A descriptor's registration: what `Source` and `Async` have in common, and
//! what needs no type.

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait as LeafWait};

use crate::error;
use crate::readiness::{Direction, Readiness, Snapshot, Waiting};
use crate::{Interest, Reactor, Ready};

/// Its owner calls [`deregister`](Self::deregister) before the descriptor closes.
#[derive(Debug)]
pub(crate) struct Registration {
    reactor: Arc<Reactor>,
    /// Its place in the registry; another source's once it is deregistered.
    readiness: &'static Readiness,
    key: usize,
    /// To tell resources apart in reports, and whether the owner still has the
    /// descriptor that it registered. Nothing is done to it.
    number: RawFd,
    /// Whether the system tells of room to write. If not, there is room as far as anybody
    /// knows, and [`ask_for_room`](Self::ask_for_room) is called when there is not.
    told_of_room: AtomicBool,
    /// Whether the source may be muted: all that clears its readiness does so here.
    may_mute: bool,
    location: &'static Location<'static>,
}

impl Registration {
    /// # Safety
    ///
    /// As `Reactor::register`.
    pub(crate) unsafe fn new(
        reactor: Arc<Reactor>,
        fd: BorrowedFd<'_>,
        interest: Interest,
        location: &'static Location<'static>,
    ) -> io::Result<Registration> {
        // SAFETY: what `register` asks for is what this function asks for.
        let (key, readiness) = unsafe { reactor.register(fd, interest) }?;
        Ok(Registration {
            reactor,
            readiness,
            key,
            number: fd.as_raw_fd(),
            told_of_room: AtomicBool::new(true),
            may_mute: false,
            location,
        })
    }

    /// Of a source that has room to write: it is taken for [`WRITABLE`](Ready::WRITABLE),
    /// and where the system can, it is not told of more room until it has run out of it.
    /// For a socket of packets, or a Unix socket, room is news whenever the peer takes
    /// something: an event for each reply that nobody waits for.
    ///
    /// # Safety
    ///
    /// As `Reactor::register`.
    pub(crate) unsafe fn with_room(
        reactor: Arc<Reactor>,
        fd: BorrowedFd<'_>,
        location: &'static Location<'static>,
    ) -> io::Result<Registration> {
        let all = Interest::all();
        let (told, interest) = match all.remove(Interest::WRITABLE) {
            Some(interest) if reactor.modifies() => (false, interest),
            _ => (true, all),
        };
        // SAFETY: what `new` asks for is what this function asks for.
        let mut registration = unsafe { Registration::new(reactor, fd, interest, location) }?;
        *registration.told_of_room.get_mut() = told;
        registration.may_mute = !told;
        registration.readiness.assume(Ready::WRITABLE);
        Ok(registration)
    }

    /// To be called by who wants `interest` and has `seen` the state, if it is to be told
    /// when that changes.
    #[inline]
    fn ask_for_room(&self, interest: Interest, seen: Snapshot) -> io::Result<()> {
        // ORDERING: Relaxed. Who reads that it is told waits for what another has asked
        // for, and the system begins with what there is; the flag is all that they share.
        if !interest.is_writable()
            || self.told_of_room.load(Ordering::Relaxed)
            || seen.ends_wait(Direction::Write.mask())
        {
            return Ok(());
        }
        self.ask_for_room_now()
    }

    #[cold]
    fn ask_for_room_now(&self) -> io::Result<()> {
        self.reactor.modify(self.key, self.number, || {
            // Where one is changed at a time, so that the next knows of it.
            // ORDERING: Relaxed; see `ask_for_room`.
            self.told_of_room.store(true, Ordering::Relaxed);
            self.told()
        })
    }

    /// What the system tells of, unless the source is muted.
    fn told(&self) -> Option<Interest> {
        match self.told_of_room.load(Ordering::Relaxed) {
            true => Some(Interest::all()),
            false => Interest::all().remove(Interest::WRITABLE),
        }
    }

    /// After an operation that was done: who is told of data again and again that it
    /// would have found anyway is told of it no more until it has found none. Else each
    /// datagram that a busy worker is about to read wakes another that waits in the
    /// reactor.
    #[inline]
    fn note_noise(&self, seen: Snapshot) {
        if seen.is_noisy() && self.may_mute {
            self.mute();
        }
    }

    #[cold]
    fn mute(&self) {
        // If it fails, the source is told of data as before, and finds some.
        let _ = self.reactor.modify(self.key, self.number, || {
            let told = self.told()?;
            let rest = told.remove(Interest::READABLE)?;
            self.readiness.mute().then_some(rest)
        });
    }

    #[cold]
    fn unmute(&self) -> io::Result<()> {
        self.reactor.modify(self.key, self.number, || self.told())
    }

    /// Undoes the registration, after which the source is used no more. Harmless
    /// when done twice.
    pub(crate) fn deregister(&self, owner: &impl AsFd) -> io::Result<()> {
        let fd = owner.as_fd();
        // Another number means that the owner has closed what it registered.
        let fd = (fd.as_raw_fd() == self.number).then_some(fd);
        self.reactor.deregister(self.key, self.number, fd)
    }

    pub(crate) fn reactor(&self) -> &Arc<Reactor> {
        &self.reactor
    }

    pub(crate) fn readiness(&self) -> &Readiness {
        self.readiness
    }

    /// Whether a short read or write may clear readiness: only if the end of a
    /// stream is told apart from its data, and if no urgent data, at whose mark
    /// reads stop short, has been seen.
    #[inline]
    pub(crate) fn trusts_short(&self, seen: Snapshot) -> bool {
        self.reactor.tells_closed() && !seen.ready().is_priority()
    }

    pub(crate) fn pending<T>(&self, interest: Interest) -> Poll<T> {
        leaf::pending(&LeafWait {
            kind: if interest.is_writable() && !interest.is_readable() {
                Kind::Writable
            } else {
                Kind::Readable
            },
            resource: u64::from(self.number.unsigned_abs()),
            location: self.location,
        })
    }

    /// The state, once an operation that `interest` stands for is worth trying. For
    /// a wait that is all there is to do: spends the budget.
    pub(crate) fn poll_interest(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<Snapshot>> {
        let proceed = ready!(coop::poll_proceed(cx));
        self.ask_for_room(interest, self.readiness.snapshot())?;
        match self.readiness.poll_shared(interest, cx.waker()) {
            Some(seen) => {
                proceed.made_progress();
                Poll::Ready(alive(seen))
            }
            None => self.pending(interest),
        }
    }

    /// Tries `op` whenever the direction is ready, until it says something else
    /// than `WouldBlock`. `op` is told the state that it is tried in, so that it
    /// may clear part of it.
    ///
    /// Each message passes here three times, twice with success. The budget is only
    /// asked where there is something to do: who waits has stopped by himself.
    #[inline]
    pub(crate) fn poll_op<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        waiting: Waiting,
        mut op: impl FnMut(Snapshot) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            let seen = self.readiness.snapshot();
            if !seen.ends_wait(direction.mask()) {
                self.ask_for_room(direction.interest(), seen)?;
                // What ends the wait after all is looked at again.
                ready!(self.wait_for(cx, direction, waiting));
                continue;
            }
            let seen = alive(seen)?;
            let proceed = ready!(coop::poll_proceed(cx));
            match op(seen) {
                Err(error) if error::is_would_block(&error) => {
                    self.clear(seen, direction.interest().mask())?;
                }
                done => {
                    proceed.made_progress();
                    self.note_noise(seen);
                    return Poll::Ready(done);
                }
            }
        }
    }

    fn wait_for(&self, cx: &mut Context<'_>, direction: Direction, waiting: Waiting) -> Poll<()> {
        match self.readiness.wait(direction, waiting, cx.waker()) {
            Some(_) => Poll::Ready(()),
            None => self.pending(direction.interest()),
        }
    }

    /// A wait that leaves when it is dropped.
    pub(crate) fn wait(&self, interest: Interest) -> Wait<'_> {
        Wait {
            registration: self,
            interest,
            place: None,
        }
    }

    /// Tries `op` whenever the source is ready for `interest`, until it says something
    /// else than `WouldBlock`.
    pub(crate) fn async_op<R, F: FnMut() -> io::Result<R>>(
        &self,
        interest: Interest,
        op: F,
    ) -> Operation<'_, F> {
        Operation {
            wait: self.wait(interest),
            op,
        }
    }

    pub(crate) fn try_io<R>(
        &self,
        interest: Interest,
        op: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        let seen = self.readiness.snapshot();
        if !seen.ready().intersects(interest.mask()) {
            // What was ready when the reactor was shut down can still be used up.
            alive(seen)?;
            self.ask_for_room(interest, seen)?;
            return Err(error::would_block());
        }
        let done = op();
        if !matches!(&done, Err(error) if error::is_would_block(error)) {
            self.note_noise(seen);
        } else {
            self.clear(seen, interest.mask())?;
            // Who tries again and again and never waits is to hear of it, too.
            self.ask_for_room(interest, self.readiness.snapshot())?;
        }
        done
    }

    /// The descriptor itself said that it is not ready for `what`: also what it was
    /// thought to have closed it has not.
    #[inline]
    fn clear(&self, seen: Snapshot, what: Ready) -> io::Result<()> {
        match self.readiness.clear(seen, what) {
            true => self.unmute(),
            false => Ok(()),
        }
    }

    /// After a read or write of `count` bytes where `asked` had been asked for.
    #[inline]
    pub(crate) fn note_count(&self, seen: Snapshot, ready: Ready, count: usize, asked: usize) {
        if 0 < count && count < asked {
            self.note_short(seen, ready);
        }
    }

    #[inline]
    fn note_short(&self, seen: Snapshot, ready: Ready) {
        if self.trusts_short(seen) {
            // What was read or written is more than that the rest cannot be told of.
            let _ = self.clear(seen, ready);
        }
    }
}

#[inline]
fn alive(seen: Snapshot) -> io::Result<Snapshot> {
    if seen.is_shut_down() {
        return Err(error::shut_down());
    }
    Ok(seen)
}

/// Waits until a source is ready for an interest. Leaves when dropped.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Wait<'a> {
    registration: &'a Registration,
    interest: Interest,
    place: Option<usize>,
}

impl Future for Wait<'_> {
    type Output = io::Result<Snapshot>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let proceed = ready!(coop::poll_proceed(cx));
        let seen = ready!(self.get_mut().poll_place(cx))?;
        proceed.made_progress();
        Poll::Ready(alive(seen))
    }
}

impl Wait<'_> {
    /// The state, once it ends the wait. Spends nothing of the budget.
    fn poll_place(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Snapshot>> {
        let registration = self.registration;
        let readiness = registration.readiness;
        registration.ask_for_room(self.interest, readiness.snapshot())?;
        match readiness.poll_placed(&mut self.place, self.interest, cx.waker()) {
            Some(seen) => Poll::Ready(Ok(seen)),
            None => registration.pending(self.interest),
        }
    }
}

/// From [`Registration::async_op`]. Leaves when dropped.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Operation<'a, F> {
    wait: Wait<'a>,
    op: F,
}

// The operation is only called, by reference: nothing is pinned.
impl<F> Unpin for Operation<'_, F> {}

impl<R, F: FnMut() -> io::Result<R>> Future for Operation<'_, F> {
    type Output = io::Result<R>;

    /// As [`Registration::poll_op`], in a place of its own.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Operation { wait, op } = self.get_mut();
        let registration = wait.registration;
        loop {
            let seen = registration.readiness.snapshot();
            if !seen.ends_wait(wait.interest.mask()) {
                ready!(wait.poll_place(cx))?;
                continue;
            }
            let seen = alive(seen)?;
            let proceed = ready!(coop::poll_proceed(cx));
            match op() {
                Err(error) if error::is_would_block(&error) => {
                    registration.clear(seen, wait.interest.mask())?;
                }
                done => {
                    proceed.made_progress();
                    registration.note_noise(seen);
                    return Poll::Ready(done);
                }
            }
        }
    }
}

impl Drop for Wait<'_> {
    #[inline]
    fn drop(&mut self) {
        // Most have never had to wait.
        if let Some(place) = self.place {
            self.registration.readiness().leave(place);
        }
    }
}
