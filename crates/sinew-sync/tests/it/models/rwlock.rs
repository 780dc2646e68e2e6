//! The reader-writer lock: in the order of asking, but for upgrades, which go first.

use std::collections::BTreeMap;
use std::task::Poll;

use proptest::prelude::*;
use sinew_sync::{RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard};

use super::{BoxFuture, Id, Polled, Tasks, leak, take_out};

/// A guard of an `RwLock`, to be held for a while.
enum Guard {
    Read(RwLockReadGuard<'static, u32>),
    Write(RwLockWriteGuard<'static, u32>),
    Upgradable(RwLockUpgradableReadGuard<'static, u32>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
    Upgradable,
    Upgrade,
}

impl Guard {
    fn mode(&self) -> Mode {
        match self {
            Guard::Read(_) => Mode::Read,
            Guard::Write(_) => Mode::Write,
            Guard::Upgradable(_) => Mode::Upgradable,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(Mode),
    Try(Mode),
    Poll(usize),
    DropFuture(usize),
    DropGuard(usize),
    Upgrade(usize),
    TryUpgrade(usize),
    Downgrade(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let mode = prop_oneof![
        3 => Just(Mode::Read),
        2 => Just(Mode::Write),
        2 => Just(Mode::Upgradable),
    ];
    prop_oneof![
        8 => mode.clone().prop_map(Step::Ask),
        2 => mode.prop_map(Step::Try),
        5 => (0..5usize).prop_map(Step::Poll),
        3 => (0..5usize).prop_map(Step::DropFuture),
        7 => (0..5usize).prop_map(Step::DropGuard),
        3 => (0..5usize).prop_map(Step::Upgrade),
        1 => (0..5usize).prop_map(Step::TryUpgrade),
        1 => (0..5usize).prop_map(Step::Downgrade),
    ]
}

const MAX_READERS: usize = 3;

struct Locks {
    lock: &'static RwLock<u32>,
    tasks: Tasks<Guard>,
    held: Vec<Guard>,
    // What should be so:
    readers: usize,
    upgradable: bool,
    writer: bool,
    queue: Vec<(Id, Mode)>,
    /// Who asked for what and has not got it from its future yet.
    asked: BTreeMap<Id, Mode>,
}

impl Locks {
    fn new() -> Locks {
        Locks {
            lock: leak(RwLock::with_max_readers(0, MAX_READERS as u32)),
            tasks: Tasks::new(),
            held: Vec::new(),
            readers: 0,
            upgradable: false,
            writer: false,
            queue: Vec::new(),
            asked: BTreeMap::new(),
        }
    }

    fn can(&self, mode: Mode) -> bool {
        match mode {
            Mode::Read => !self.writer && self.readers < MAX_READERS,
            Mode::Write => !self.writer && self.readers == 0,
            Mode::Upgradable => !self.writer && !self.upgradable && self.readers < MAX_READERS,
            Mode::Upgrade => self.readers == 1,
        }
    }

    fn take(&mut self, mode: Mode) {
        assert!(self.can(mode));
        match mode {
            Mode::Read => self.readers += 1,
            Mode::Write => self.writer = true,
            Mode::Upgradable => (self.readers, self.upgradable) = (self.readers + 1, true),
            Mode::Upgrade => (self.readers, self.upgradable, self.writer) = (0, false, true),
        }
    }

    fn release(&mut self, mode: Mode) {
        match mode {
            Mode::Read => self.readers -= 1,
            Mode::Write | Mode::Upgrade => self.writer = false,
            Mode::Upgradable => (self.readers, self.upgradable) = (self.readers - 1, false),
        }
        self.serve();
    }

    fn serve(&mut self) {
        while let Some((_, mode)) = self
            .queue
            .first()
            .copied()
            .filter(|(_, mode)| self.can(*mode))
        {
            self.queue.remove(0);
            self.take(mode);
        }
    }

    fn future(&self, mode: Mode) -> BoxFuture<Guard> {
        let lock = self.lock;
        match mode {
            Mode::Read => Box::pin(async { Guard::Read(lock.read().await) }),
            Mode::Write => Box::pin(async { Guard::Write(lock.write().await) }),
            _ => Box::pin(async { Guard::Upgradable(lock.upgradable_read().await) }),
        }
    }

    fn start(&mut self, mode: Mode, future: BoxFuture<Guard>) {
        let first = self.queue.is_empty() || mode == Mode::Upgrade;
        let gets_it = first && self.can(mode);
        let Polled { id, output, .. } = self.tasks.start(future);
        assert_eq!(output.is_ready(), gets_it);
        match output {
            Poll::Ready(guard) => {
                self.take(mode);
                self.hold(guard);
            }
            Poll::Pending => {
                let at = if mode == Mode::Upgrade {
                    0
                } else {
                    self.queue.len()
                };
                self.queue.insert(at, (id, mode));
                self.asked.insert(id, mode);
            }
        }
    }

    fn hold(&mut self, mut guard: Guard) {
        if let Guard::Write(data) = &mut guard {
            **data += 1;
        }
        self.held.push(guard);
    }

    fn try_take(&mut self, mode: Mode) {
        let gets_it = self.queue.is_empty() && self.can(mode);
        let guard = match mode {
            Mode::Read => self.lock.try_read().map(Guard::Read),
            Mode::Write => self.lock.try_write().map(Guard::Write),
            _ => self.lock.try_upgradable_read().map(Guard::Upgradable),
        };
        assert_eq!(guard.is_ok(), gets_it);
        if let Ok(guard) = guard {
            self.take(mode);
            self.hold(guard);
        }
    }

    fn poll(&mut self, at: usize) {
        let Some(Polled { id, woken, output }) = self.tasks.poll(at) else {
            return;
        };
        let waits = self.queue.iter().any(|(queued, _)| *queued == id);
        assert_eq!(output.is_pending(), waits);
        if let Poll::Ready(guard) = output {
            assert!(woken);
            self.asked.remove(&id);
            self.hold(guard);
        }
    }

    fn drop_future(&mut self, at: usize) {
        let Some(id) = self.tasks.drop(at) else {
            return;
        };
        let mode = self.asked.remove(&id).unwrap();
        match (take_out(&mut self.queue, |(queued, _)| *queued == id), mode) {
            (None, mode) => self.release(mode),
            (Some(_), Mode::Upgrade) => self.release(Mode::Upgradable),
            (Some(_), _) => self.serve(),
        }
    }

    fn with_upgradable(
        &mut self,
        at: usize,
        f: impl FnOnce(&mut Self, RwLockUpgradableReadGuard<'static, u32>),
    ) {
        if let Some(Guard::Upgradable(_)) = self.held.get(at) {
            if let Guard::Upgradable(guard) = self.held.remove(at) {
                f(self, guard);
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Ask(mode) => self.start(mode, self.future(mode)),
            Step::Try(mode) => self.try_take(mode),
            Step::Poll(at) => self.poll(at),
            Step::DropFuture(at) => self.drop_future(at),
            Step::DropGuard(at) => {
                if at < self.held.len() {
                    let mode = self.held.remove(at).mode();
                    self.release(mode);
                }
            }
            Step::Upgrade(at) => self.with_upgradable(at, |this, guard| {
                let upgrade = RwLockUpgradableReadGuard::upgrade(guard);
                let future = Box::pin(async { Guard::Write(upgrade.await) });
                this.start(Mode::Upgrade, future);
            }),
            Step::TryUpgrade(at) => {
                self.with_upgradable(
                    at,
                    |this, guard| match RwLockUpgradableReadGuard::try_upgrade(guard) {
                        Ok(guard) => {
                            this.take(Mode::Upgrade);
                            this.hold(Guard::Write(guard));
                        }
                        Err(guard) => {
                            assert!(!this.can(Mode::Upgrade));
                            this.held.push(Guard::Upgradable(guard));
                        }
                    },
                )
            }
            Step::Downgrade(at) => self.downgrade(at),
        }
    }

    fn downgrade(&mut self, at: usize) {
        if at >= self.held.len() {
            return;
        }
        let guard = match self.held.remove(at) {
            Guard::Read(guard) => guard,
            Guard::Write(guard) => {
                (self.writer, self.readers) = (false, 1);
                guard.downgrade()
            }
            Guard::Upgradable(guard) => {
                self.upgradable = false;
                RwLockUpgradableReadGuard::downgrade(guard)
            }
        };
        self.held.push(Guard::Read(guard));
        self.serve();
    }
}

proptest! {
    #[test]
    fn rwlock(steps in prop::collection::vec(step(), 1..60)) {
        let mut run = Locks::new();
        steps.into_iter().for_each(|step| run.step(step));
    }
}
