use std::future::{Future, pending};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use sinew_core::block_on;

use crate::yield_now;

task_local! {
    static NUMBER: u32;
    static NAME: String
}

#[test]
fn a_value_is_there_inside_of_its_scope_only() {
    assert!(NUMBER.try_get().is_err());
    block_on(NUMBER.scope(1, async {
        assert_eq!(NUMBER.get(), 1);
        yield_now().await;
        NUMBER
            .scope(2, async {
                assert_eq!(NUMBER.get(), 2);
                yield_now().await;
                assert_eq!(NUMBER.with(|number| *number), 2);
            })
            .await;
        assert_eq!(NUMBER.get(), 1);
        assert_eq!(NUMBER.sync_scope(3, || NUMBER.get()), 3);
        assert_eq!(NUMBER.get(), 1);
        assert!(NAME.try_with(String::len).is_err());
    }));
    assert!(NUMBER.try_get().is_err());
}

#[test]
fn two_futures_in_turn_keep_their_own_values() {
    let one = NAME.scope("one".to_owned(), async {
        for _ in 0..3 {
            assert_eq!(NAME.get(), "one");
            yield_now().await;
        }
    });
    let two = NAME.scope("two".to_owned(), async {
        for _ in 0..3 {
            assert_eq!(NAME.get(), "two");
            yield_now().await;
        }
    });
    block_on(async { sinew_core::join!(one, two) });
}

#[test]
fn the_value_is_there_while_the_future_is_dropped() {
    struct Look(Arc<Mutex<Vec<u32>>>);
    impl Drop for Look {
        fn drop(&mut self) {
            self.0.lock().unwrap().extend(NUMBER.try_get());
        }
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = Look(seen.clone());
    {
        let mut future = Box::pin(NUMBER.scope(8, async move {
            let _look = look;
            pending::<()>().await;
        }));
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
    }
    drop(NUMBER.scope(9, {
        let look = Look(seen.clone());
        async move { drop(look) }
    }));
    let look = Look(seen.clone());
    block_on(NUMBER.scope(10, async move { drop(look) }));
    assert_eq!(*seen.lock().unwrap(), [8, 9, 10]);
    assert!(NUMBER.try_get().is_err());
}

#[test]
fn the_value_can_be_taken_out_once() {
    let mut future = pin!(NUMBER.scope(4, async { NUMBER.get() }));
    assert_eq!(block_on(future.as_mut()), 4);
    assert_eq!(future.as_mut().take_value(), Some(4));
    assert_eq!(future.as_mut().take_value(), None);
}

#[test]
fn a_panic_restores_the_value_outside() {
    let caught = std::panic::catch_unwind(|| {
        NUMBER.sync_scope(5, || {
            NUMBER.sync_scope(6, || panic!("on purpose"));
        });
    });
    assert!(caught.is_err());
    assert!(NUMBER.try_get().is_err());
}

#[test]
#[should_panic(expected = "no value outside of `LocalKey::scope`")]
fn with_outside_of_a_scope_panics() {
    NUMBER.with(|_| ());
}

#[test]
#[should_panic(expected = "while its value is borrowed")]
fn a_scope_inside_of_with_panics() {
    NUMBER.sync_scope(1, || NUMBER.with(|_| NUMBER.sync_scope(2, || ())));
}

#[test]
#[should_panic(expected = "polled after it was done")]
fn polling_again_panics() {
    let mut future = pin!(NUMBER.scope(1, async {}));
    block_on(future.as_mut());
    block_on(future);
}
