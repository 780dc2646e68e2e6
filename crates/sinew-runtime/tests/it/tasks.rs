use std::os::unix::net::UnixStream;
use std::time::Duration;

use futures::channel::oneshot;
use sinew_core::leaf::Kind;
use sinew_reactor::Async;
use sinew_runtime::{Handle, spawn, spawn_blocking, spawn_named};
use sinew_task::{TaskInfo, yield_now};
use sinew_time::sleep;

use crate::conformance::{current, on_each};

fn waits_for(tasks: &[TaskInfo], name: &str) -> Option<Kind> {
    let task = tasks.iter().find(|task| task.name.as_deref() == Some(name));
    task.unwrap_or_else(|| panic!("{name} is not listed"))
        .waits_for
        .map(|wait| {
            assert!(wait.location.file().ends_with(".rs"));
            wait.kind
        })
}

/// The small program whose tasks are listed: each waits for something else.
#[test]
fn each_pending_task_says_what_it_waits_for() {
    on_each(|| async {
        let (stream, _peer) = UnixStream::pair().unwrap();
        let stream = Async::new(stream).unwrap();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (foreign, receiver) = oneshot::channel::<()>();

        let sleeper = spawn_named("sleeper", sleep(Duration::from_secs(3600)));
        let reader = spawn_named("reader", async move { stream.readable().await });
        let joiner = spawn_named("joiner", sleeper);
        let blocker = spawn_named("blocker", async move {
            sinew_blocking::unblock(move || released.recv()).await
        });
        let stranger = spawn_named("stranger", receiver);

        let expected = [
            ("sleeper", Kind::Timer),
            ("reader", Kind::Readable),
            ("joiner", Kind::Task),
            ("blocker", Kind::Blocking),
        ];
        // Until all have been polled. A list that is taken in the middle of a
        // poll may show a wait of a leaf inside of the one that counts.
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        let tasks = loop {
            let tasks = Handle::current().tasks();
            let found = expected.map(|(name, _)| waits_for(&tasks, name));
            if found == expected.map(|(_, kind)| Some(kind)) {
                break tasks;
            }
            assert!(std::time::Instant::now() < deadline, "{tasks:#?}");
            yield_now().await;
        };
        // A future of another family does not take part.
        assert_eq!(waits_for(&tasks, "stranger"), None);

        let sleeper = tasks
            .iter()
            .find(|task| task.name.as_deref() == Some("sleeper"));
        let text = sleeper.unwrap().to_string();
        assert!(text.contains("waits for timer"), "{text}");
        assert!(text.contains("tasks.rs"), "{text}");
        for task in [joiner.abort_handle(), stranger.abort_handle()] {
            task.abort();
        }
        reader.abort();
        drop((release, foreign, blocker));
    });
}

#[test]
fn the_list_empties_when_tasks_end() {
    let runtime = current();
    runtime.block_on(async {
        spawn(async {}).await.unwrap();
        spawn_blocking(|| ()).await.unwrap();
        assert!(Handle::current().tasks().is_empty());
    });
}
