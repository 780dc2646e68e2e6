use std::sync::mpsc;
use std::time::Duration;

use sinew_blocking::{Builder, TrySpawnError, try_spawn_blocking};
use sinew_core::block_on;

#[test]
fn a_full_queue_gives_the_closure_back() {
    let pool = Builder::new().max_threads(1).queue_capacity(1).build();
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    let running = pool
        .try_spawn(move || {
            started.send(()).unwrap();
            let _ = released.recv();
            1
        })
        .unwrap();
    has_started.recv().unwrap();
    let waiting = pool.try_spawn(|| 2).unwrap();
    let refused = pool.try_spawn(|| 3).unwrap_err();
    assert!(refused.is_full());
    assert_eq!(
        refused.to_string(),
        "the queue of the blocking pool is full"
    );
    assert_eq!(refused.into_inner()(), 3);
    // `spawn` has nobody to refuse to.
    let forced = pool.spawn(|| 4);
    drop(release);
    assert_eq!(block_on(running).unwrap(), 1);
    assert_eq!(block_on(waiting).unwrap(), 2);
    assert_eq!(block_on(forced).unwrap(), 4);
    assert_eq!(block_on(pool.try_spawn(|| 5).unwrap()).unwrap(), 5);
}

#[test]
fn without_a_queue_only_a_free_thread_takes_a_closure() {
    let pool = Builder::new().max_threads(2).queue_capacity(0).build();
    let (release, released) = mpsc::channel::<()>();
    let first = pool.try_spawn(move || released.recv().is_err()).unwrap();
    let second = pool.try_spawn(|| ()).unwrap();
    block_on(second).unwrap();
    let third = loop {
        // The second's thread is free when it has counted itself out.
        match pool.try_spawn(|| ()) {
            Ok(third) => break third,
            Err(_) => std::thread::yield_now(),
        }
    };
    block_on(third).unwrap();
    drop(release);
    assert!(block_on(first).unwrap());
}

#[test]
fn a_closure_that_has_not_started_can_be_aborted() {
    let pool = Builder::new().max_threads(1).build();
    let (release, released) = mpsc::channel::<()>();
    let running = pool.spawn(move || released.recv().is_err());
    let waiting = pool.spawn(|| panic!("must not start"));
    waiting.abort();
    drop(release);
    assert!(block_on(waiting).unwrap_err().is_cancelled());
    assert!(block_on(running).unwrap());
}

#[test]
fn a_pool_that_is_shut_down_refuses() {
    let pool = Builder::new().build();
    pool.shutdown(Some(Duration::ZERO));
    let refused = pool.try_spawn(|| 1).unwrap_err();
    assert!(matches!(refused, TrySpawnError::ShutDown(_)));
    let error = std::io::Error::from(refused);
    assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
}

#[test]
fn the_process_has_a_pool_that_does_not_refuse() {
    let handle = try_spawn_blocking(|| 6).unwrap();
    assert_eq!(block_on(handle).unwrap(), 6);
}
