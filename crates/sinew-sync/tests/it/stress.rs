//! Channels under eight threads that send, receive and give up at random.
//!
//! Nothing may be lost or come twice. `SINEW_STRESS_SECONDS` sets how long each of
//! them runs; a fraction of a second by default. `cargo xtask stress` runs them for
//! two minutes each.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use sinew_core::block_on;
use sinew_sync::{broadcast, mpmc, mpsc, oneshot, watch};

const THREADS: u64 = 8;

fn duration() -> Duration {
    let seconds = std::env::var("SINEW_STRESS_SECONDS").ok();
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(0.3);
    Duration::from_secs_f64(seconds)
}

/// Xorshift: the same numbers in each run, for each thread others.
struct Random(u64);

impl Random {
    fn new(thread: u64) -> Random {
        Random((thread + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n == 0
    }
}

/// Waits for `future`, or gives up after the first poll.
fn wait_or_give_up<F: Future>(random: &mut Random, future: F) -> Option<F::Output> {
    if !random.one_in(3) {
        return Some(block_on(future));
    }
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What was sent, and what was received.
#[derive(Default)]
struct Account {
    next: AtomicU64,
    sent: AtomicU64,
    received: Mutex<Received>,
}

/// A bit for each value that has come, because a long run has many of them.
#[derive(Default)]
struct Received {
    bits: Vec<u64>,
    count: u64,
}

impl Received {
    /// `false` if it was there already.
    fn insert(&mut self, value: u64) -> bool {
        let (word, bit) = ((value / 64) as usize, 1 << (value % 64));
        if word >= self.bits.len() {
            self.bits.resize(word + 1024, 0);
        }
        let new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        self.count += u64::from(new);
        new
    }
}

impl Account {
    fn draw(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn receive(&self, values: &[u64]) {
        let mut received = self.received.lock().unwrap();
        for value in values {
            assert!(received.insert(*value), "{value} came twice");
        }
    }

    /// All that was certainly sent has come, and nothing that was not drawn.
    fn check(&self, perhaps_sent: u64) {
        let received = self.received.lock().unwrap().count;
        let sent = self.sent.load(Ordering::Relaxed);
        assert!(received >= sent && received <= sent + perhaps_sent);
        assert!(received > 0);
    }
}

/// Runs `send` on seven threads until time is up, and `receive` on this one.
fn many_to_one<T: Clone + Send>(
    account: &Account,
    tx: T,
    send: impl Fn(&T, &mut Random) + Sync,
    receive: impl FnOnce(&mut Random),
) {
    let end = Instant::now() + duration();
    thread::scope(|s| {
        for thread in 1..THREADS {
            let (tx, send) = (tx.clone(), &send);
            s.spawn(move || {
                let mut random = Random::new(thread);
                while Instant::now() < end {
                    send(&tx, &mut random);
                }
            });
        }
        drop(tx);
        receive(&mut Random::new(0));
    });
    account.check(0);
}

#[test]
fn mpsc_bounded() {
    let account = Account::default();
    let (tx, mut rx) = mpsc::channel(3);
    many_to_one(
        &account,
        tx,
        |tx, random| {
            let sent = if random.one_in(2) {
                let permit = wait_or_give_up(random, tx.reserve());
                permit.map(|permit| permit.unwrap().send(account.draw()))
            } else if random.one_in(2) {
                tx.try_send(account.draw()).ok()
            } else {
                let sent = wait_or_give_up(random, tx.send(account.draw()));
                sent.map(Result::unwrap)
            };
            account
                .sent
                .fetch_add(u64::from(sent.is_some()), Ordering::Relaxed);
        },
        |random| {
            let mut many = Vec::new();
            loop {
                many.clear();
                if random.one_in(4) {
                    if wait_or_give_up(random, rx.recv_many(&mut many, 5)) == Some(0) {
                        break;
                    }
                } else {
                    match wait_or_give_up(random, rx.recv()) {
                        Some(None) => break,
                        Some(value) => many.extend(value),
                        None => many.extend(rx.try_recv().ok()),
                    }
                }
                account.receive(&many);
            }
        },
    );
}

#[test]
fn mpsc_unbounded() {
    let account = Account::default();
    let (tx, mut rx) = mpsc::unbounded_channel();
    many_to_one(
        &account,
        tx,
        |tx, random| {
            tx.send(account.draw()).unwrap();
            account.sent.fetch_add(1, Ordering::Relaxed);
            if random.one_in(8) {
                thread::yield_now();
            }
        },
        |random| {
            loop {
                match wait_or_give_up(random, rx.recv()) {
                    Some(None) => break,
                    Some(Some(value)) => account.receive(&[value]),
                    None => {
                        if let Ok(value) = rx.try_recv() {
                            account.receive(&[value]);
                        }
                    }
                }
            }
        },
    );
}

#[test]
fn mpmc_bounded() {
    let account = Account::default();
    let perhaps = AtomicU64::new(0);
    let (tx, rx) = mpmc::channel(3);
    let end = Instant::now() + duration();
    thread::scope(|s| {
        for thread in 0..THREADS / 2 {
            let (tx, rx, account, perhaps) = (tx.clone(), rx.clone(), &account, &perhaps);
            s.spawn(move || {
                let mut random = Random::new(thread);
                while Instant::now() < end {
                    match wait_or_give_up(&mut random, tx.send(account.draw())) {
                        Some(sent) => {
                            sent.unwrap();
                            account.sent.fetch_add(1, Ordering::Relaxed);
                        }
                        // It may have been moved into the queue in that moment.
                        None => {
                            perhaps.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
            s.spawn(move || {
                let mut random = Random::new(thread + THREADS);
                loop {
                    match wait_or_give_up(&mut random, rx.recv()) {
                        Some(Err(_)) => break,
                        Some(Ok(value)) => account.receive(&[value]),
                        None => {}
                    }
                }
            });
        }
        drop((tx, rx));
    });
    account.check(perhaps.load(Ordering::Relaxed));
}

#[test]
fn broadcast_counts_what_it_loses() {
    let (tx, rx) = broadcast::channel(4);
    let sent = AtomicU64::new(0);
    let end = Instant::now() + duration();
    thread::scope(|s| {
        let mut receivers = vec![rx];
        receivers.resize_with(4, || tx.subscribe());
        let senders: Vec<_> = (0..4)
            .map(|thread| {
                let (tx, sent) = (tx.clone(), &sent);
                s.spawn(move || {
                    let mut random = Random::new(thread);
                    while Instant::now() < end {
                        tx.send(()).unwrap();
                        sent.fetch_add(1, Ordering::Relaxed);
                        if random.one_in(2) {
                            thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        drop(tx);
        let counts: Vec<_> = receivers
            .into_iter()
            .zip(0..)
            .map(|(mut rx, thread)| {
                s.spawn(move || {
                    let mut random = Random::new(thread + THREADS);
                    let mut count = 0;
                    loop {
                        match wait_or_give_up(&mut random, rx.recv()) {
                            Some(Ok(())) => count += 1,
                            Some(Err(broadcast::error::RecvError::Lagged(n))) => count += n,
                            Some(Err(broadcast::error::RecvError::Closed)) => return count,
                            None => {}
                        }
                    }
                })
            })
            .collect();
        senders.into_iter().for_each(|task| task.join().unwrap());
        for count in counts {
            assert_eq!(count.join().unwrap(), sent.load(Ordering::Relaxed));
        }
    });
}

#[test]
fn watch_shows_the_last_value() {
    let (tx, rx) = watch::channel(0u64);
    let end = Instant::now() + duration();
    thread::scope(|s| {
        for thread in 0..THREADS - 2 {
            let mut rx = rx.clone();
            s.spawn(move || {
                let mut random = Random::new(thread);
                let mut last = 0;
                loop {
                    match wait_or_give_up(&mut random, rx.changed()) {
                        Some(Err(_)) => break,
                        Some(Ok(())) | None => {
                            let value = *rx.borrow_and_update();
                            assert!(value >= last);
                            last = value;
                        }
                    }
                }
                *rx.borrow()
            });
        }
        for _ in 0..2 {
            let tx = tx.clone();
            s.spawn(move || {
                while Instant::now() < end {
                    tx.send_modify(|value| *value += 1);
                }
            });
        }
        drop(tx);
    });
}

#[test]
fn oneshots() {
    let end = Instant::now() + duration();
    thread::scope(|s| {
        for thread in 0..THREADS / 2 {
            let (channels, incoming) = mpsc::unbounded_channel::<oneshot::Sender<u64>>();
            s.spawn(move || {
                let mut random = Random::new(thread);
                while Instant::now() < end {
                    let (tx, mut rx) = oneshot::channel();
                    channels.send(tx).unwrap();
                    let first = wait_or_give_up(&mut random, &mut rx);
                    let answer = match first {
                        None if random.one_in(2) => continue,
                        None => block_on(rx),
                        Some(answer) => answer,
                    };
                    assert!(matches!(answer, Ok(7) | Err(_)));
                }
            });
            s.spawn(move || {
                let mut random = Random::new(thread + THREADS);
                let mut incoming = incoming;
                while let Some(mut tx) = incoming.blocking_recv() {
                    if random.one_in(4) {
                        let mut closed = pin!(tx.closed());
                        let _ = closed
                            .as_mut()
                            .poll(&mut Context::from_waker(Waker::noop()));
                    }
                    if !random.one_in(4) {
                        let _ = tx.send(7);
                    }
                }
            });
        }
    });
}
