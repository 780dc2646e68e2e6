//! Benchmarks live beside this folder, one file for each subject; see
//! `README.md`. Here is what several of them share: the work that is measured.

pub mod concurrency;
pub mod multi_thread;
pub mod single;
pub mod single_thread;
pub mod sync;
pub mod timers;
