use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};

use sinew_core::block_on;
use sinew_task::{Builder, spawn_on};

use crate::queue::Queue;

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("bomb");
        }
    }
}

/// Panics when it is polled, and tells whether it was dropped in the unwinding, in its
/// task. With `bomb` that panics, too.
struct Witness {
    told: mpsc::Sender<bool>,
    bomb: bool,
}

impl Future for Witness {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        panic!("in poll");
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let unwinds = std::thread::panicking() && sinew_task::try_id().is_some();
        self.told.send(unwinds).unwrap();
        assert!(!self.bomb, "in drop");
    }
}

#[test]
fn a_future_whose_poll_panics_is_dropped_while_that_unwinds() {
    for bomb in [false, true] {
        let queue = Queue::new();
        let (told, seen) = mpsc::channel();
        let handle = spawn_on(queue.clone(), Witness { told, bomb });
        queue.run();
        // Dropped once.
        assert_eq!(seen.iter().collect::<Vec<_>>(), [true]);
        // The panic of the poll is the task's.
        let error = block_on(handle).unwrap_err();
        let payload = error.into_panic();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"in poll"));
    }
}

#[test]
fn a_panic_reaches_the_handle_and_the_executor_goes_on() {
    let queue = Queue::new();
    let handle = Builder::new()
        .name("clumsy")
        .spawn_on(queue.clone(), async {
            panic!("dropped {} plates", std::hint::black_box(3));
        });
    let other = spawn_on(queue.clone(), async { 1 });
    let id = handle.id();
    queue.run();
    let error = block_on(handle).map(|(): ()| ()).unwrap_err();
    assert!(error.is_panic() && !error.is_cancelled());
    let text = error.to_string();
    let start = format!("task {id} \"clumsy\" (spawned at ");
    assert!(text.starts_with(&start), "{text}");
    assert!(text.contains("panics.rs:"), "{text}");
    assert!(
        text.ends_with(") panicked with message \"dropped 3 plates\""),
        "{text}"
    );
    let debug = format!("{error:?}");
    assert!(debug.starts_with("JoinError::Panic(Id("), "{debug}");
    assert!(debug.ends_with("), \"dropped 3 plates\", ...)"), "{debug}");
    let payload = error.try_into_panic().unwrap();
    assert_eq!(
        payload.downcast_ref::<String>().unwrap(),
        "dropped 3 plates"
    );
    assert_eq!(block_on(other).unwrap(), 1);
}

#[test]
fn a_payload_of_any_type_is_kept() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), async { std::panic::panic_any(7u8) });
    queue.run();
    let error = block_on(handle).map(|(): ()| ()).unwrap_err();
    assert!(error.to_string().ends_with(") panicked"));
    assert!(format!("{error:?}").ends_with("), ...)"));
    assert_eq!(*error.into_panic().downcast::<u8>().unwrap(), 7);
}

#[test]
#[should_panic(expected = "reason is not a panic")]
fn into_panic_of_a_cancelled_task_panics() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), pending::<()>());
    handle.abort();
    queue.run();
    let error = block_on(handle).unwrap_err();
    let error = error.try_into_panic().unwrap_err();
    drop(error.into_panic());
}

#[test]
fn a_panic_while_a_finished_future_is_dropped() {
    struct Done(Bomb);
    impl Future for Done {
        type Output = u32;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
            Poll::Ready(1)
        }
    }
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), Done(Bomb));
    queue.run();
    assert!(block_on(handle).unwrap_err().is_panic());
}

#[test]
fn a_panic_while_an_aborted_future_is_dropped() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), async {
        let _bomb = Bomb;
        pending::<()>().await;
    });
    queue.run();
    handle.abort();
    queue.run();
    assert!(queue.list().is_empty());
    assert!(block_on(handle).unwrap_err().is_panic());
}

#[test]
fn a_panic_while_an_unread_output_is_dropped_stays_inside() {
    let queue = Queue::new();
    // Detached before it ends.
    drop(spawn_on(queue.clone(), async { Bomb }));
    queue.run();
    // Detached after it ended.
    let handle = spawn_on(queue.clone(), async { Bomb });
    queue.run();
    drop(handle);
    assert!(queue.list().is_empty());
}

#[test]
fn a_panic_while_a_dropped_runnable_drops_its_future_stays_inside() {
    let queue = Queue::new();
    let handle = spawn_on(queue.clone(), async {
        let _bomb = Bomb;
        pending::<()>().await;
    });
    queue.pop().unwrap().run();
    handle.abort();
    drop(queue.pop());
    assert!(queue.list().is_empty());
    assert!(block_on(handle).is_err());
}
