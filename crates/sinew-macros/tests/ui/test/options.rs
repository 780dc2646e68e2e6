//! What is different in tests.

#[sinew_macros::test(timeout = "5 seconds")]
async fn unknown_unit() {}

#[sinew_macros::test(timeout = "0s")]
async fn no_time() {}

#[sinew_macros::test(timeout = 5)]
async fn no_unit() {}

#[sinew_macros::test(timeout = "18446744073709551615s")]
async fn too_long() {}

#[sinew_macros::test(worker_threads = 4)]
async fn workers_of_one_thread() {}

#[sinew_macros::test(color = "x")]
async fn unknown() {}

#[sinew_macros::test]
#[test]
async fn twice() {}

#[sinew_macros::test]
fn not_async() {}

fn main() {}
