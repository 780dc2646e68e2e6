use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use futures::future::join;
use sinew_time::provider::{self, VirtualSleep, VirtualTime};
use sinew_time::{Duration, Instant, Timers, interval, sleep, sleep_until, timeout};

use crate::paused_runtime::{ms, poll};

/// Time that only moves when the test says so.
struct Manual(Mutex<State>);

struct State {
    now: Instant,
    next_id: u64,
    waiting: BTreeMap<(Instant, u64), Waker>,
}

struct ManualSleep {
    time: Arc<Manual>,
    deadline: Instant,
    id: u64,
}

impl Manual {
    fn new() -> Arc<Self> {
        Arc::new(Manual(Mutex::new(State {
            now: Instant::now(),
            next_id: 0,
            waiting: BTreeMap::new(),
        })))
    }

    /// Moves to the next deadline and wakes who waits for it.
    fn step(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        let Some(((deadline, _), waker)) = state.waiting.pop_first() else {
            return false;
        };
        state.now = deadline.max(state.now);
        drop(state);
        waker.wake();
        true
    }

    fn waiting(&self) -> usize {
        self.0.lock().unwrap().waiting.len()
    }

    /// Runs a future, moving the time whenever it waits.
    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            let mut cx = Context::from_waker(Waker::noop());
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            assert!(self.step(), "waits for something that is not time");
        }
    }
}

impl VirtualTime for Manual {
    fn now(&self) -> Instant {
        self.0.lock().unwrap().now
    }

    fn sleep(self: Arc<Self>, deadline: Instant) -> Box<dyn VirtualSleep> {
        let mut state = self.0.lock().unwrap();
        state.next_id += 1;
        let id = state.next_id;
        drop(state);
        Box::new(ManualSleep {
            time: self,
            deadline,
            id,
        })
    }
}

impl VirtualSleep for ManualSleep {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.time.0.lock().unwrap();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        let key = (self.deadline, self.id);
        state.waiting.insert(key, cx.waker().clone());
        Poll::Pending
    }

    fn reset(&mut self, deadline: Instant) {
        let mut state = self.time.0.lock().unwrap();
        if let Some(waker) = state.waiting.remove(&(self.deadline, self.id)) {
            state.waiting.insert((deadline, self.id), waker);
        }
        self.deadline = deadline;
    }

    fn is_elapsed(&self) -> bool {
        self.time.now() >= self.deadline
    }

    fn resource(&self) -> u64 {
        self.id
    }
}

impl Drop for ManualSleep {
    fn drop(&mut self) {
        let mut state = self.time.0.lock().unwrap();
        state.waiting.remove(&(self.deadline, self.id));
    }
}

#[test]
fn every_leaf_follows_the_provider() {
    let time = Manual::new();
    let _entered = provider::enter(time.clone());
    let start = Instant::now();
    time.run(async {
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(3600));
        sleep_until(start + Duration::from_secs(7200)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(7200));

        let start = Instant::now();
        let mut interval = interval(ms(250));
        for n in 0..4 {
            assert_eq!(interval.tick().await, start + ms(250) * n);
        }
        interval.reset_after(ms(50));
        interval.tick().await;
        assert_eq!(start.elapsed(), ms(800));
        assert!(timeout(ms(200), sleep(ms(300))).await.is_err());
        assert_eq!(timeout(ms(200), sleep(ms(100))).await, Ok(()));
        assert_eq!(start.elapsed(), ms(1100));
        join(sleep(ms(10)), sleep(ms(20))).await;
        assert_eq!(start.elapsed(), ms(1120));
    });
    assert_eq!(time.waiting(), 0);
}

#[test]
fn a_virtual_sleep_resets_and_cancels() {
    let time = Manual::new();
    let _entered = provider::enter(time.clone());
    let start = Instant::now();
    let mut sleep = Box::pin(sleep(ms(10)));
    assert!(!sleep.is_elapsed());
    assert!(poll(&mut sleep).is_pending());
    sleep.as_mut().reset(start + ms(5));
    assert_eq!(sleep.deadline(), start + ms(5));
    assert!(time.step());
    assert_eq!(start.elapsed(), ms(5));
    assert!(sleep.is_elapsed());
    assert!(poll(&mut sleep).is_ready());
    sleep.as_mut().reset(start + ms(50));
    assert!(poll(&mut sleep).is_pending());
    assert_eq!(time.waiting(), 1);
    drop(sleep);
    assert_eq!(time.waiting(), 0);
}

#[test]
fn the_choice_is_made_when_the_sleep_is_made() {
    let time = Manual::new();
    let real = sleep(ms(1));
    let entered = provider::enter(time.clone());
    let mut virtual_sleep = Box::pin(sleep(Duration::from_secs(60)));
    // Real, and driven by the default timers, though a provider is entered.
    block_on(real);
    drop(entered);
    assert!(poll(&mut virtual_sleep).is_pending());
    assert!(time.step());
    assert!(poll(&mut virtual_sleep).is_ready());
    assert!(Instant::now() < virtual_sleep.deadline());
}

#[test]
fn the_provider_comes_before_the_timers() {
    let timers = Timers::new_paused();
    let _timers = timers.clone().enter();
    let time = Manual::new();
    let entered = provider::enter(time.clone());
    let mut sleep = Box::pin(sleep(ms(1)));
    assert!(poll(&mut sleep).is_pending());
    assert!(timers.is_empty());
    assert!(time.step());
    assert_ne!(Instant::now(), timers.now());
    drop(entered);
    assert_eq!(Instant::now(), timers.now());
}

#[test]
fn waits_carry_the_providers_number() {
    let time = Manual::new();
    let _entered = provider::enter(time.clone());
    let (_, waits) = sinew_core::leaf::trace(|| {
        let (mut a, mut b) = (Box::pin(sleep(ms(1))), Box::pin(sleep(ms(1))));
        assert!(poll(&mut a).is_pending() && poll(&mut b).is_pending());
    });
    assert_eq!(
        waits.iter().map(|wait| wait.resource).collect::<Vec<_>>(),
        [1, 2]
    );
}
