//! Options that are wrong by themselves or together.

#[sinew_macros::main(threads = 4)]
async fn unknown() {}

#[sinew_macros::main(worker_threads = 0)]
async fn no_worker() {}

#[sinew_macros::main(worker_threads = "four")]
async fn wrong_type() {}

#[sinew_macros::main(flavor = "single")]
async fn unknown_flavor() {}

#[sinew_macros::main(flavor = "local", flavor = "local")]
async fn twice() {}

#[sinew_macros::main(flavor = "current_thread", worker_threads = 4)]
async fn workers_of_one_thread() {}

#[sinew_macros::main(start_paused = 1)]
async fn paused_by_a_number() {}

#[sinew_macros::main(current_thread)]
async fn flavor_without_key() {}

#[sinew_macros::main(worker_threads)]
async fn without_value() {}

#[sinew_macros::main(worker_threads = 1 + 1)]
async fn not_a_literal() {}

#[sinew_macros::main(crate = "a b")]
async fn not_a_path() {}

#[sinew_macros::main(timeout = "5s")]
async fn timeout_of_main() {}

#[sinew_macros::main(name = 1)]
async fn name_is_no_string() {}

#[sinew_macros::main(unhandled_panic = "abort")]
async fn unknown_policy() {}

fn main() {}
