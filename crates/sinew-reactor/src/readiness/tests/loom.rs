//! The protocol of `readiness.rs` under all interleavings: a turning thread, a
//! device that becomes ready, and tasks that wait. A lost wake-up shows as a
//! deadlock, which loom reports.

use std::sync::Arc;
use std::task::{Wake, Waker};

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Mutex, Notify};
use loom::thread;

use crate::readiness::{Direction, Readiness, Snapshot, Waiting};
use crate::{Interest, Ready};

struct Parker(Notify);

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Polls until there is a state, sleeping in between until woken.
fn wait(mut poll: impl FnMut(&Waker) -> Option<Snapshot>) -> Snapshot {
    let parker = Arc::new(Parker(Notify::new()));
    let waker = Waker::from(parker.clone());
    loop {
        if let Some(seen) = poll(&waker) {
            return seen;
        }
        parker.0.wait();
    }
}

fn event(readiness: &Readiness) {
    let mut wakers = Vec::new();
    readiness.arrive(Ready::READABLE, &mut wakers);
    wakers.into_iter().for_each(Waker::wake);
}

fn shut_down(readiness: &Readiness) {
    let mut wakers = Vec::new();
    readiness.shut_down(&mut wakers);
    wakers.into_iter().for_each(Waker::wake);
}

fn alone(readiness: &Readiness) -> Snapshot {
    wait(|waker| readiness.wait(Direction::Read, Waiting::Alone, waker))
}

fn shared(readiness: &Readiness) -> Snapshot {
    wait(|waker| readiness.wait(Direction::Read, Waiting::Shared, waker))
}

fn placed(readiness: &Readiness) -> Snapshot {
    let mut place = None;
    let seen = wait(|waker| readiness.poll_placed(&mut place, Interest::READABLE, waker));
    place.into_iter().for_each(|place| readiness.leave(place));
    seen
}

fn ended_by(end: fn(&Readiness), waiters: &'static [fn(&Readiness) -> Snapshot]) {
    loom::model(move || {
        let readiness = Arc::new(Readiness::new());
        let threads: Vec<_> = waiters
            .iter()
            .map(|waiter| {
                let readiness = readiness.clone();
                thread::spawn(move || {
                    let seen = waiter(&readiness);
                    assert!(seen.ends_wait(Interest::READABLE.mask()));
                })
            })
            .collect();
        end(&readiness);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn an_event_ends_each_kind_of_wait() {
    ended_by(event, &[alone]);
    ended_by(event, &[shared]);
    ended_by(event, &[placed]);
}

#[test]
fn an_event_ends_all_waits() {
    ended_by(event, &[alone, placed]);
    ended_by(event, &[shared, placed]);
}

#[test]
fn shutdown_ends_each_kind_of_wait() {
    ended_by(shut_down, &[alone]);
    ended_by(shut_down, &[shared]);
    ended_by(shut_down, &[placed]);
    ended_by(shut_down, &[alone, placed]);
}

/// A device with bytes in it, whose events come as edges.
struct Device {
    readiness: Readiness,
    bytes: AtomicUsize,
}

impl Device {
    fn new() -> Arc<Device> {
        let device = Arc::new(Device {
            readiness: Readiness::new(),
            bytes: AtomicUsize::new(0),
        });
        // As a registration whose first event was for nothing, so that the
        // clear of the first look races with what arrives.
        device.readiness.assume(Ready::READABLE);
        device
    }

    fn feed(&self) {
        self.bytes.fetch_add(1, Ordering::AcqRel);
        event(&self.readiness);
    }

    /// Takes one byte, waiting for it as long as need be.
    fn take(&self) {
        loop {
            let seen = alone(&self.readiness);
            let taken = self
                .bytes
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1));
            match taken {
                Ok(_) => return,
                Err(_) => assert!(!self.readiness.clear(seen, Interest::READABLE.mask())),
            }
        }
    }
}

#[test]
fn a_clear_never_takes_a_newer_event_away() {
    loom::model(|| {
        let device = Device::new();
        let reader = thread::spawn({
            let device = device.clone();
            move || device.take()
        });
        device.feed();
        reader.join().unwrap();
    });
}

#[test]
fn two_bytes_two_events_two_reads() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let device = Device::new();
        let reader = thread::spawn({
            let device = device.clone();
            move || {
                device.take();
                device.take();
            }
        });
        device.feed();
        device.feed();
        reader.join().unwrap();
    });
}

/// A device that can be told to be silent. Its lock is that of the registry.
struct Loud {
    device: Arc<Device>,
    tells: Mutex<bool>,
}

impl Loud {
    /// With a byte in it, and noisy.
    fn new() -> Arc<Loud> {
        let device = Device::new();
        device.feed();
        event(&device.readiness);
        assert!(device.readiness.snapshot().is_noisy());
        let tells = Mutex::new(true);
        Arc::new(Loud { device, tells })
    }

    fn feed(&self) {
        self.device.bytes.fetch_add(1, Ordering::AcqRel);
        // An event that is on its way is delivered, whatever is told meanwhile.
        let tells = *self.tells.lock().unwrap();
        if tells {
            event(&self.device.readiness);
        }
    }

    /// As an operation of a registration.
    fn take(&self, wait: fn(&Readiness) -> Snapshot) {
        let Device { readiness, bytes } = &*self.device;
        loop {
            let seen = wait(readiness);
            let taken =
                bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1));
            if taken.is_ok() {
                if seen.is_noisy() {
                    let mut tells = self.tells.lock().unwrap();
                    *tells &= !readiness.mute();
                }
                return;
            }
            if readiness.clear(seen, Interest::READABLE.mask()) {
                *self.tells.lock().unwrap() = true;
                // The system begins with what there is.
                if bytes.load(Ordering::Acquire) > 0 {
                    event(readiness);
                }
            }
        }
    }
}

#[test]
fn who_is_muted_hears_again_before_it_waits() {
    loom::model(|| {
        let loud = Loud::new();
        let reader = thread::spawn({
            let loud = loud.clone();
            move || {
                loud.take(alone);
                loud.take(alone);
            }
        });
        loud.feed();
        reader.join().unwrap();
    });
}

#[test]
fn one_mutes_and_another_waits() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(2));
    model.check(|| {
        let loud = Loud::new();
        let reader = thread::spawn({
            let loud = loud.clone();
            move || loud.take(placed)
        });
        let feeder = thread::spawn({
            let loud = loud.clone();
            move || loud.feed()
        });
        loud.take(alone);
        feeder.join().unwrap();
        reader.join().unwrap();
    });
}

#[test]
fn a_clear_does_not_undo_a_shutdown() {
    loom::model(|| {
        let readiness = Arc::new(Readiness::new());
        readiness.assume(Ready::READABLE);
        let cleared = Arc::new(AtomicBool::new(false));
        let clearer = thread::spawn({
            let readiness = readiness.clone();
            let cleared = cleared.clone();
            move || {
                let seen = readiness.snapshot();
                let _ = readiness.clear(seen, Ready::ALL);
                cleared.store(true, Ordering::Release);
            }
        });
        shut_down(&readiness);
        clearer.join().unwrap();
        assert!(cleared.load(Ordering::Acquire));
        assert!(readiness.snapshot().is_shut_down());
    });
}
