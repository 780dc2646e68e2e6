use bytes::Bytes;
use sinew::time::{Duration, Instant, advance, sleep};

use super::{Database, Deadline, Remaining, expire};

fn after(millis: u64) -> Deadline {
    Deadline::At(Instant::now() + Duration::from_millis(millis))
}

#[sinew::test(start_paused = true)]
async fn a_key_is_gone_at_its_deadline_for_whoever_looks() {
    let database = Database::new();
    database
        .lock()
        .set(b"k", Bytes::from_static(b"v"), after(1000));
    let remaining = database.lock().remaining(b"k");
    assert_eq!(remaining, Remaining::Time(Duration::from_secs(1)));
    advance(Duration::from_millis(999)).await;
    assert!(database.lock().contains(b"k"));
    advance(Duration::from_millis(1)).await;
    let mut keys = database.lock();
    assert!(!keys.contains(b"k"));
    assert_eq!(keys.len(), 1, "nobody has taken it out");
    assert_eq!(keys.get(b"k"), None);
    assert_eq!((keys.len(), keys.with_deadline()), (0, 0));
    assert_eq!(keys.counts().expired, 1);
}

/// A thousand keys that expire one in a millisecond, and one that stays.
fn fill(database: &Database) {
    let mut keys = database.lock();
    for number in 0..1000_u32 {
        let deadline = after(u64::from(number) + 1);
        keys.set(&number.to_be_bytes(), Bytes::new(), deadline);
    }
    keys.set(b"stays", Bytes::new(), Deadline::Never);
}

#[sinew::test(start_paused = true)]
async fn the_background_task_takes_out_what_nobody_looks_at() {
    let database = Database::new();
    let background = database.clone();
    let task = sinew::spawn(async move { expire(&background).await });
    for round in 0..2 {
        // The second time, the queue was empty while the task waited.
        fill(&database);
        sleep(Duration::from_millis(500)).await;
        let left = database.lock().len();
        assert!((500..=502).contains(&left), "{left} in round {round}");
        sleep(Duration::from_millis(600)).await;
        assert_eq!(database.lock().len(), 1);
    }
    assert_eq!(database.lock().counts().expired, 2000);
    task.abort();
}

#[sinew::test(start_paused = true)]
async fn deadlines_are_kept_moved_and_dropped() {
    let database = Database::new();
    let mut keys = database.lock();
    keys.set(b"k", Bytes::new(), after(10));
    keys.set(b"k", Bytes::new(), Deadline::Keep);
    assert_eq!(
        keys.remaining(b"k"),
        Remaining::Time(Duration::from_millis(10))
    );
    assert!(keys.set_deadline(b"k", after(20)));
    assert_eq!(
        keys.remaining(b"k"),
        Remaining::Time(Duration::from_millis(20))
    );
    assert_eq!(keys.with_deadline(), 1);
    keys.set(b"k", Bytes::new(), Deadline::Never);
    assert_eq!(keys.remaining(b"k"), Remaining::Forever);
    assert_eq!(keys.with_deadline(), 0);
    assert!(keys.set_deadline(b"k", Deadline::At(Instant::now())));
    assert_eq!(keys.remaining(b"k"), Remaining::NoKey);
    assert!(!keys.set_deadline(b"k", after(1)));
    keys.set(b"k", Bytes::new(), after(1));
    assert!(keys.remove(b"k") && !keys.remove(b"k"));
    keys.set(b"k", Bytes::new(), after(1));
    keys.clear();
    assert_eq!((keys.len(), keys.with_deadline()), (0, 0));
}

#[sinew::test]
async fn an_update_that_fails_changes_nothing() {
    let database = Database::new();
    let mut keys = database.lock();
    keys.set(b"k", Bytes::from_static(b"old"), Deadline::Never);
    assert_eq!(keys.update(b"k", |old| Err((old, "no"))), Err("no"));
    assert_eq!(keys.get(b"k").unwrap(), "old");
    assert_eq!(keys.update(b"new", |old| Err((old, "no"))), Err("no"));
    assert!(!keys.contains(b"new"));
    let length = keys.update::<()>(b"new", |_| Ok(Bytes::from_static(b"v")));
    assert_eq!(length, Ok(1));
    assert_eq!(keys.get(b"new").unwrap(), "v");
}
