use std::rc::Rc;
use std::time::Duration;

use sinew::runtime::{Handle, RuntimeFlavor};
use sinew::time::{Instant, sleep};

#[sinew::test]
async fn a_test_runs_on_the_current_thread() {
    assert_eq!(
        Handle::current().runtime_flavor(),
        RuntimeFlavor::CurrentThread
    );
}

#[sinew::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_multi_thread_test() {
    assert_eq!(Handle::current().num_workers(), 2);
    assert_eq!(sinew::spawn(async { 1 }).await.unwrap(), 1);
}

#[sinew::test(flavor = "local")]
async fn a_local_test() {
    let shared = Rc::new(2);
    let mine = shared.clone();
    let task = sinew::task::spawn_local(async move { *mine });
    assert_eq!(task.await.unwrap(), *shared);
}

#[sinew::test(start_paused = true)]
async fn a_test_on_a_paused_clock() {
    let start = Instant::now();
    sleep(Duration::from_secs(86_400)).await;
    assert_eq!(start.elapsed(), Duration::from_secs(86_400));
}

#[sinew::test(flavor = "multi_thread", worker_threads = 2, start_paused = true)]
async fn a_paused_clock_over_several_threads() {
    let start = Instant::now();
    let task = sinew::spawn(sleep(Duration::from_secs(86_400)));
    task.await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(86_400));
}

#[sinew::test]
async fn a_test_may_return_a_result() -> Result<(), std::num::ParseIntError> {
    assert_eq!("7".parse::<u32>()?, 7);
    Ok(())
}

#[sinew::test(timeout = "20ms")]
#[should_panic(expected = "did not finish within 20ms")]
async fn a_test_that_takes_too_long() {
    std::future::pending::<()>().await;
}

#[sinew::test(name = "a runtime")]
async fn a_test_whose_runtime_has_a_name() {
    assert_eq!(Handle::current().name(), Some("a runtime"));
}

#[sinew::test(flavor = "multi_thread", unhandled_panic = "shutdown_runtime")]
#[should_panic(expected = "panic")]
async fn a_test_that_a_task_ends() {
    drop(sinew::spawn(async { panic!("of a task") }));
    std::future::pending::<()>().await;
}

/// The limit is real time, so a jump of the paused clock does not trip it.
#[sinew::test(timeout = "30s", start_paused = true)]
async fn the_timeout_is_real_time() {
    sleep(Duration::from_secs(3600)).await;
}

#[test]
fn main_takes_its_options() {
    #[sinew::main(flavor = "current_thread")]
    async fn program(n: u32) -> u32 {
        sinew::spawn(async move { n + 1 }).await.unwrap()
    }
    assert_eq!(program(1), 2);
}
