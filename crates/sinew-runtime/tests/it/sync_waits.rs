//! Each wait of a lock or a channel is seen from outside: what for, and the line that
//! waits.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sinew_core::leaf::Kind;
use sinew_runtime::{Handle, spawn};
use sinew_sync::{
    Barrier, CancellationToken, Condvar, Mutex, Notify, OnceCell, RwLock,
    RwLockUpgradableReadGuard, Semaphore, SetOnce, WaitGroup, broadcast, mpmc, mpsc, oneshot,
    watch,
};
use sinew_task::{AbortHandle, Id, yield_now};

use crate::conformance::on_each;

/// Tasks that wait for ever, each with what its entry in the list has to say.
#[derive(Default)]
struct Waits(Vec<(AbortHandle, Kind, u32)>);

impl Waits {
    /// A task that waits on the line of this call.
    #[track_caller]
    fn add<F>(&mut self, kind: Kind, future: F)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.at(std::panic::Location::caller().line(), kind, future);
    }

    /// A task that waits on another line.
    fn at<F>(&mut self, line: u32, kind: Kind, future: F)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.0.push((spawn(future).abort_handle(), kind, line));
    }

    /// Waits until all entries say what they should, and ends the tasks.
    async fn check(self) {
        let told = |id: Id| {
            let tasks = Handle::current().tasks();
            let task = tasks.into_iter().find(|task| task.id == id);
            let wait = task.and_then(|task| task.waits_for)?;
            assert_eq!(wait.location.file(), file!());
            Some((wait.kind, wait.location.line()))
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        for (task, kind, line) in &self.0 {
            // Until it has been polled.
            while told(task.id()) != Some((*kind, *line)) {
                let told = told(task.id());
                assert!(Instant::now() < deadline, "{kind:?}, line {line}: {told:?}");
                yield_now().await;
            }
        }
        self.0.iter().for_each(|(task, ..)| task.abort());
    }
}

#[test]
#[rustfmt::skip] // Each wait stays on one line: the line is what is looked for.
fn locks_say_which_line_waits() {
    on_each(|| async {
        let mut waits = Waits::default();
        let mutex = Arc::new(Mutex::new(()));
        let guard = mutex.clone().lock_owned().await;
        let m = mutex.clone();
        waits.add(Kind::Lock, async move { drop(m.lock().await) });
        waits.add(Kind::Lock, mutex.lock_owned());

        let written = Arc::new(RwLock::new(()));
        let write_guard = written.clone().write_owned().await;
        let l = written.clone();
        waits.add(Kind::Lock, async move { drop(l.read().await) });
        let l = written.clone();
        waits.add(Kind::Lock, async move { drop(l.write().await) });
        let l = written.clone();
        waits.add(Kind::Lock, async move { drop(l.upgradable_read().await) });
        waits.add(Kind::Lock, written.clone().read_owned());
        waits.add(Kind::Lock, written.write_owned());

        let read = Arc::new(RwLock::new(()));
        let read_guard = read.clone().read_owned().await;
        let upgrade = line!() + 3;
        waits.at(upgrade, Kind::Lock, async move {
            let guard = read.upgradable_read().await;
            drop(RwLockUpgradableReadGuard::upgrade(guard).await);
        });

        waits.check().await;
        drop((guard, write_guard, read_guard));
    });
}

#[test]
#[rustfmt::skip] // Each wait stays on one line: the line is what is looked for.
fn semaphores_and_signals_say_which_line_waits() {
    on_each(|| async {
        let mut waits = Waits::default();
        let semaphore = Arc::new(Semaphore::new(0));
        let s = semaphore.clone();
        waits.add(Kind::Semaphore, async move { s.acquire().await.is_ok() });
        let s = semaphore.clone();
        waits.add(Kind::Semaphore, async move { s.acquire_many(2).await.is_ok() });
        waits.add(Kind::Semaphore, semaphore.clone().acquire_owned());
        waits.add(Kind::Semaphore, semaphore.acquire_many_owned(2));

        let notify = Arc::new(Notify::new());
        let n = notify.clone();
        waits.add(Kind::Notify, async move { n.notified().await });
        waits.add(Kind::Notify, notify.notified_owned());

        let token = CancellationToken::new();
        let t = token.clone();
        waits.add(Kind::Cancellation, async move { t.cancelled().await });
        waits.add(Kind::Cancellation, token.clone().cancelled_owned());
        let never = std::future::pending::<()>;
        let t = token.clone();
        waits.add(Kind::Cancellation, async move { t.run_until_cancelled(never()).await });
        waits.add(Kind::Cancellation, token.run_until_cancelled_owned(never()));

        let condvars = Arc::new((Mutex::new(()), Condvar::new()));
        let (c, line) = (condvars.clone(), line!() + 3);
        waits.at(line, Kind::Notify, async move {
            let guard = c.0.lock().await;
            drop(c.1.wait(guard).await);
        });
        let line = line!() + 3;
        waits.at(line, Kind::Notify, async move {
            let guard = condvars.0.lock().await;
            drop(condvars.1.wait_while(guard, |()| true).await);
        });
        waits.check().await;
    });
}

#[test]
#[rustfmt::skip] // Each wait stays on one line: the line is what is looked for.
fn meetings_and_cells_say_which_line_waits() {
    on_each(|| async {
        let mut waits = Waits::default();
        let barrier = Arc::new(Barrier::new(2));
        waits.add(Kind::Barrier, async move { barrier.wait().await.is_leader() });
        let group = WaitGroup::new();
        waits.add(Kind::Barrier, group.clone().wait());

        let set = Arc::new(SetOnce::<u8>::new());
        waits.add(Kind::Once, async move { *set.wait().await });
        let cell = Arc::new(OnceCell::<u8>::new());
        let (c, computing) = (cell.clone(), Arc::new(Notify::new()));
        let begun = computing.clone().notified_owned();
        let first = spawn(async move {
            let compute = async || {
                computing.notify_one();
                std::future::pending().await
            };
            *c.get_or_init(compute).await
        });
        // From then on others wait for the value.
        begun.await;
        let c = cell.clone();
        waits.add(Kind::Semaphore, async move { *c.get_or_init(async || 1).await });
        let other = async || Err::<u8, ()>(());
        waits.add(Kind::Semaphore, async move { cell.get_or_try_init(other).await.copied() });

        waits.check().await;
        first.abort();
        drop(group);
    });
}

#[test]
#[rustfmt::skip] // Each wait stays on one line: the line is what is looked for.
fn queues_say_which_line_waits() {
    on_each(|| async {
        let mut waits = Waits::default();
        let (tx, mut rx) = mpsc::channel::<u8>(1);
        waits.add(Kind::Channel, async move { rx.recv().await });
        let (tx_many, mut rx) = mpsc::channel::<u8>(1);
        waits.add(Kind::Channel, async move { rx.recv_many(&mut Vec::new(), 9).await });
        let (tx_unbounded, mut rx) = mpsc::unbounded_channel::<u8>();
        waits.add(Kind::Channel, async move { rx.recv().await });

        let (full, _rx) = mpsc::channel(1);
        full.try_send(1).unwrap();
        let f = full.clone();
        waits.add(Kind::Channel, async move { f.send(2).await });
        let f = full.clone();
        waits.add(Kind::Channel, async move { f.reserve().await.is_ok() });
        let f = full.clone();
        waits.add(Kind::Channel, async move { f.reserve_many(1).await.is_ok() });
        waits.add(Kind::Channel, full.clone().reserve_owned());
        waits.add(Kind::Notify, async move { full.closed().await });
        let t = tx_unbounded.clone();
        waits.add(Kind::Notify, async move { t.closed().await });

        let (tx_shared, rx) = mpmc::channel::<u8>(1);
        waits.add(Kind::Channel, async move { rx.recv().await });
        let (full, _rx) = mpmc::channel::<u8>(1);
        full.try_send(1).unwrap();
        let f = full.clone();
        waits.add(Kind::Channel, async move { f.send(2).await });
        waits.add(Kind::Notify, async move { full.closed().await });

        waits.check().await;
        drop((tx, tx_many, tx_unbounded, tx_shared));
    });
}

#[test]
#[rustfmt::skip] // Each wait stays on one line: the line is what is looked for.
fn other_channels_say_which_line_waits() {
    on_each(|| async {
        let mut waits = Waits::default();
        // A receiver of one value is a future by itself: it names the line of its making.
        let (line, (tx, rx)) = (line!(), oneshot::channel::<u8>());
        waits.at(line, Kind::Channel, rx);
        let (mut closing, _receiver) = oneshot::channel::<u8>();
        waits.add(Kind::Channel, async move { closing.closed().await });

        let (sender, mut rx) = broadcast::channel::<u8>(1);
        waits.add(Kind::Channel, async move { rx.recv().await });
        let s = sender.clone();
        waits.add(Kind::Notify, async move { s.closed().await });

        let (watched, mut rx) = watch::channel(0);
        waits.add(Kind::Channel, async move { rx.changed().await });
        let mut rx = watched.subscribe();
        waits.add(Kind::Channel, async move { rx.wait_for(|v| *v > 0).await.is_ok() });
        let w = watched.clone();
        waits.add(Kind::Notify, async move { w.closed().await });

        waits.check().await;
        drop((tx, sender, watched));
    });
}
