//! Single-threaded against multi-threaded, measured: tasks that compute profit from
//! threads, tasks that pass small messages do not. `cargo run --release` for figures
//! that count.
//!
//! ```text
//! computing:  one thread [..] ms, all threads [..] ms
//! messages:   one thread [..] ms, all threads [..] ms
//! ```

use std::time::Instant;

use sinew::runtime::{Builder, Runtime};
use sinew::sync::mpsc;
use sinew::task::JoinSet;

/// 32 tasks that need nothing but a processor.
async fn computing() {
    let mut set = JoinSet::new();
    for seed in 1..=32u64 {
        set.spawn(async move {
            (0..100_000).fold(seed, |x, _| {
                std::hint::black_box(x.wrapping_mul(31) ^ (x >> 7))
            })
        });
    }
    set.join_all().await;
}

/// Two tasks that hand each other a number: one waits while the other runs.
async fn messages() {
    let (there, mut inbox) = mpsc::channel(1);
    let (back, mut answers) = mpsc::channel(1);
    sinew::spawn(async move {
        while let Some(number) = inbox.recv().await {
            if back.send(number).await.is_err() {
                return;
            }
        }
    });
    sinew::spawn(async move {
        for number in 0..2_000 {
            there.send(number).await.expect("the other task runs");
            answers.recv().await.expect("the other task runs");
        }
    })
    .await
    .expect("no panic");
}

fn millis(runtime: &Runtime, work: impl AsyncFn()) -> f64 {
    let once = || {
        let start = Instant::now();
        runtime.block_on(work());
        start.elapsed().as_secs_f64() * 1000.0
    };
    // The least of three is the one that was disturbed least.
    (0..3).map(|_| once()).fold(f64::INFINITY, f64::min)
}

fn main() -> std::io::Result<()> {
    let one = Builder::new_current_thread().build()?;
    let all = Builder::new_multi_thread().build()?;
    let (alone, spread) = (millis(&one, computing), millis(&all, computing));
    println!("computing:  one thread {alone:.2} ms, all threads {spread:.2} ms");
    let (alone, spread) = (millis(&one, messages), millis(&all, messages));
    println!("messages:   one thread {alone:.2} ms, all threads {spread:.2} ms");
    Ok(())
}
