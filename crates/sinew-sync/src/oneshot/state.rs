//! The state word of a oneshot channel.
//!
//! | bit | set by | means |
//! |---|---|---|
//! | `DONE` | the sender, once | it has sent, or was dropped |
//! | `VALUE` | the sender, with `DONE` | the value cell is full; cleared by the receiver that takes it |
//! | `TX_GONE` | the sender, last of all | it touches the memory no more |
//! | `CLOSED` | the receiver | it takes no value that has not been sent yet |
//! | `RX_GONE` | the receiver, last of all | it touches the memory no more |
//! | `RX_WAKER` | the receiver | its cell holds a waker, to be taken by who clears the bit |
//! | `TX_WAKER` | the sender | likewise, for a sender that waits for `CLOSED` |
//!
//! # Invariants
//!
//! 1. The value cell belongs to the sender until `DONE`, then to the receiver;
//!    after both are gone, to whoever went last.
//! 2. A waker cell belongs to its own side while the bit is clear and the other
//!    side has not had its say (`DONE` for the receiver's, `CLOSED` for the
//!    sender's). With the bit set both may read it. Whoever clears the bit owns
//!    the waker and moves it out.
//! 3. `RX_WAKER` is never set together with `DONE`, nor `TX_WAKER` with `CLOSED`
//!    or `DONE`.
//! 4. The side that finds the other's `GONE` when it sets, or would set, its
//!    own, frees the memory. Each sets it after its last access.

use crate::primitives::{AtomicUsize, Ordering};

const DONE: usize = 1;
const VALUE: usize = 1 << 1;
const TX_GONE: usize = 1 << 2;
const CLOSED: usize = 1 << 3;
const RX_GONE: usize = 1 << 4;
const RX_WAKER: usize = 1 << 5;
const TX_WAKER: usize = 1 << 6;

/// The word at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snapshot(usize);

impl Snapshot {
    pub(super) fn is_done(self) -> bool {
        self.0 & DONE != 0
    }

    pub(super) fn has_value(self) -> bool {
        self.0 & VALUE != 0
    }

    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(super) fn has_rx_waker(self) -> bool {
        self.0 & RX_WAKER != 0
    }

    pub(super) fn has_tx_waker(self) -> bool {
        self.0 & TX_WAKER != 0
    }
}

/// What a side that has had its say must do next.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Then {
    /// Nothing: the memory is the other side's now.
    Leave,
    /// Free the memory, with the value if it is still there.
    Free,
    /// Move the wakers named here out of their cells, then call `leave_*`.
    Wakers {
        /// The receiver's cell.
        rx: bool,
        /// The sender's cell.
        tx: bool,
    },
}

/// A say that came too late: the receiver had closed the channel.
#[derive(Debug)]
pub(super) struct Refused;

#[derive(Debug)]
pub(super) struct StateCell(AtomicUsize);

impl StateCell {
    pub(super) fn new() -> StateCell {
        StateCell(AtomicUsize::new(0))
    }

    #[inline]
    pub(super) fn load(&self) -> Snapshot {
        // ORDERING: Acquire: the partner of the transitions of the other side,
        // which release the value, the wakers and the memory.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// Changes the word by `next`, which refuses with `Err`; gives the old word.
    #[inline]
    fn change<E>(&self, next: impl Fn(usize) -> Result<usize, E>) -> Result<usize, E> {
        let mut old = self.0.load(Ordering::Relaxed);
        loop {
            let new = next(old)?;
            // ORDERING: AcqRel: releases what this side has written to the cells,
            // acquires what the other side has; partner of itself and `load`.
            match self
                .0
                .compare_exchange_weak(old, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return Ok(old),
                Err(now) => old = now,
            }
        }
    }

    /// The sender sends: the value cell has been filled. Refused when closed.
    #[inline]
    pub(super) fn send(&self) -> Result<Then, Refused> {
        self.finish(VALUE, CLOSED)
    }

    /// The sender is dropped without having sent.
    pub(super) fn drop_tx(&self) -> Then {
        match self.finish(0, 0) {
            Ok(then) => then,
            Err(Refused) => unreachable!("nothing refuses a sender's end"),
        }
    }

    #[inline]
    fn finish(&self, set: usize, refusing: usize) -> Result<Then, Refused> {
        let old = self.change(|old| {
            if old & refusing != 0 {
                return Err(Refused);
            }
            let gone = if has_wakers(old) { 0 } else { TX_GONE };
            Ok((old & !(RX_WAKER | TX_WAKER)) | DONE | set | gone)
        })?;
        Ok(then(old, RX_GONE))
    }

    /// The sender has made its last access.
    pub(super) fn leave_tx(&self) -> Then {
        // ORDERING: AcqRel: partner of `leave_rx` and `drop_rx`: what goes last
        // sees all that the other has done.
        let old = self.0.fetch_or(TX_GONE, Ordering::AcqRel);
        free_if(old & RX_GONE != 0)
    }

    /// The receiver has taken the value, or seen that there is none, and goes.
    #[inline]
    pub(super) fn take(&self, seen: Snapshot) -> Then {
        if seen.0 & TX_GONE != 0 {
            return Then::Free;
        }
        let taken = |old| Ok::<_, Refused>((old & !VALUE) | CLOSED | RX_GONE);
        let old = self.change(taken).unwrap_or(0);
        free_if(old & TX_GONE != 0)
    }

    /// The receiver wants no value any more, but stays. Gives whether the
    /// sender's waker is to be moved out.
    pub(super) fn close(&self) -> bool {
        let closed = |old| Ok::<_, Refused>((old & !TX_WAKER) | CLOSED);
        self.change(closed).is_ok_and(|old| old & TX_WAKER != 0)
    }

    /// The receiver is dropped. Refused when the value is there: take it first.
    pub(super) fn drop_rx(&self) -> Result<Then, Refused> {
        let old = self.change(|old| {
            if old & VALUE != 0 {
                return Err(Refused);
            }
            let gone = if has_wakers(old) { 0 } else { RX_GONE };
            Ok((old & !(RX_WAKER | TX_WAKER)) | CLOSED | gone)
        })?;
        Ok(then(old, TX_GONE))
    }

    /// The receiver has made its last access.
    pub(super) fn leave_rx(&self) -> Then {
        // ORDERING: AcqRel: partner of `leave_tx` and `finish`.
        let old = self.0.fetch_or(RX_GONE, Ordering::AcqRel);
        free_if(old & TX_GONE != 0)
    }

    /// The receiver has filled its waker cell. `false` when the sender has had
    /// its say meanwhile: the cell is still the receiver's.
    pub(super) fn set_rx_waker(&self) -> bool {
        self.flip(RX_WAKER, RX_WAKER, DONE)
    }

    /// The receiver wants its waker back. `false` when the sender took it.
    pub(super) fn unset_rx_waker(&self) -> bool {
        self.flip(RX_WAKER, 0, DONE)
    }

    /// The sender has filled its waker cell. `false` when the channel has been
    /// closed meanwhile: the cell is still the sender's.
    pub(super) fn set_tx_waker(&self) -> bool {
        self.flip(TX_WAKER, TX_WAKER, CLOSED)
    }

    /// The sender wants its waker back. `false` when the receiver took it.
    pub(super) fn unset_tx_waker(&self) -> bool {
        self.flip(TX_WAKER, 0, CLOSED)
    }

    fn flip(&self, mask: usize, bits: usize, unless: usize) -> bool {
        self.change(|old| match old & unless {
            0 => Ok((old & !mask) | bits),
            _ => Err(Refused),
        })
        .is_ok()
    }
}

fn has_wakers(word: usize) -> bool {
    word & (RX_WAKER | TX_WAKER) != 0
}

#[inline]
fn then(old: usize, other_gone: usize) -> Then {
    if has_wakers(old) {
        return Then::Wakers {
            rx: old & RX_WAKER != 0,
            tx: old & TX_WAKER != 0,
        };
    }
    free_if(old & other_gone != 0)
}

fn free_if(last: bool) -> Then {
    if last { Then::Free } else { Then::Leave }
}
