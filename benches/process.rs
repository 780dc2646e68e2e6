//! Children and signals: spawn and wait of `/bin/true`, and how long a signal that
//! the process sends itself takes to the task that waits for it. Each runtime has
//! one worker thread; `std` is the floor of the first row.

use std::time::{Duration, Instant};

use criterion::Criterion;
use rustix::process::{Signal, getpid, kill_process};

const PROGRAM: &str = "/bin/true";

/// Runs the program again and again.
macro_rules! spawn_wait {
    ($command:path, $iters:expr) => {{
        let start = Instant::now();
        for _ in 0..$iters {
            let mut child = <$command>::new(PROGRAM).spawn().expect("a child");
            assert!(child.wait().await.expect("its end").success());
        }
        start.elapsed()
    }};
}

/// Sends the signal and waits for it, again and again.
macro_rules! deliver {
    ($listener:expr, $iters:expr) => {{
        let mut listener = $listener;
        let start = Instant::now();
        for _ in 0..$iters {
            kill_process(getpid(), Signal::USR1).expect("a signal");
            listener.recv().await.expect("a listener for ever");
        }
        start.elapsed()
    }};
}

async fn sinew_spawn(iters: u64) -> Duration {
    spawn_wait!(sinew_process::Command, iters)
}

async fn tokio_spawn(iters: u64) -> Duration {
    spawn_wait!(tokio::process::Command, iters)
}

async fn smol_spawn(iters: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..iters {
        let mut child = smol::process::Command::new(PROGRAM)
            .spawn()
            .expect("a child");
        assert!(child.status().await.expect("its end").success());
    }
    start.elapsed()
}

fn std_spawn(iters: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..iters {
        let mut child = std::process::Command::new(PROGRAM)
            .spawn()
            .expect("a child");
        assert!(child.wait().expect("its end").success());
    }
    start.elapsed()
}

async fn sinew_signal(iters: u64) -> Duration {
    use sinew_signal::unix::{SignalKind, signal};
    deliver!(signal(SignalKind::user_defined1()).expect("usr1"), iters)
}

async fn tokio_signal(iters: u64) -> Duration {
    use tokio::signal::unix::{SignalKind, signal};
    deliver!(signal(SignalKind::user_defined1()).expect("usr1"), iters)
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut builder = sinew_runtime::Builder::new_multi_thread();
    let sinew = builder.worker_threads(1).build().expect("a runtime");
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(1).enable_all();
    let tokio = builder.build().expect("a runtime");

    let mut group = criterion.benchmark_group("process");
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_secs(1));
    // Before tokio's and smol's, which leave a SIGCHLD handler behind.
    group.bench_function("spawn-wait/std", |b| b.iter_custom(std_spawn));
    group.bench_function("spawn-wait/sinew", |b| {
        b.iter_custom(|iters| {
            sinew
                .block_on(sinew.spawn(sinew_spawn(iters)))
                .expect("ran")
        });
    });
    group.bench_function("spawn-wait/tokio", |b| {
        b.iter_custom(|iters| {
            tokio
                .block_on(tokio.spawn(tokio_spawn(iters)))
                .expect("ran")
        });
    });
    group.bench_function("spawn-wait/smol", |b| {
        b.iter_custom(|iters| smol::block_on(smol::spawn(smol_spawn(iters))));
    });
    group.bench_function("signal-latency/sinew", |b| {
        b.iter_custom(|iters| {
            sinew
                .block_on(sinew.spawn(sinew_signal(iters)))
                .expect("ran")
        });
    });
    group.bench_function("signal-latency/tokio", |b| {
        b.iter_custom(|iters| {
            tokio
                .block_on(tokio.spawn(tokio_signal(iters)))
                .expect("ran")
        });
    });
    group.finish();
    criterion.final_summary();
}
