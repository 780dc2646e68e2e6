//! The executor alone: tasks on several threads that borrow from the stack.
//!
//! Run it: `cargo run -p only-executor`
//!
//! `crates.txt` lists all crates that this pulls in: no reactor, no timers, no
//! runtime.

use std::fmt::Debug;
use std::thread;

use sinew_core::block_on;
use sinew_executor::Executor;

const THREADS: usize = 2;

/// How often each of the lines has the word in it, one task for each line.
fn count_word(lines: &[String], word: &str) -> Vec<usize> {
    // The executor has no threads of its own and need not live for ever, so its
    // tasks may borrow `lines` and `word`. The type checker sees to it that the
    // executor is gone before what they borrow.
    let executor = Executor::new();
    let mut tasks: Vec<_> = lines
        .iter()
        .map(|line| executor.spawn(async move { line.matches(word).count() }))
        .collect();

    // Each thread lends itself until the tasks whose handles it has are done.
    // Meanwhile it runs whichever tasks are ready, also those of the others.
    let share = tasks.len().div_ceil(THREADS);
    let rest = tasks.split_off(share);
    thread::scope(|scope| {
        let other = scope.spawn(|| block_on(executor.run(outputs(rest))));
        let mut counts = block_on(executor.run(outputs(tasks)));
        counts.extend(other.join().expect("the thread does not panic"));
        counts
    })
}

/// Awaits tasks by their handles.
async fn outputs<T, E: Debug>(tasks: Vec<impl Future<Output = Result<T, E>>>) -> Vec<T> {
    let mut outputs = Vec::new();
    for task in tasks {
        outputs.push(task.await.expect("the task does not panic"));
    }
    outputs
}

fn main() {
    let lines: Vec<String> = (1..=100).map(|n| "la ".repeat(n)).collect();
    let counts = count_word(&lines, "la");
    let sum: usize = counts.iter().sum();
    println!(
        "{} tasks on {THREADS} threads counted {sum} words",
        counts.len()
    );
}

#[cfg(test)]
#[test]
fn counts_each_line() {
    let lines: Vec<String> = (0..1000).map(|n| "la ".repeat(n % 7)).collect();
    let expected: Vec<usize> = (0..1000).map(|n| n % 7).collect();
    assert_eq!(count_word(&lines, "la"), expected);
}

#[cfg(test)]
#[test]
fn no_tasks_at_all() {
    assert!(count_word(&[], "la").is_empty());
}
