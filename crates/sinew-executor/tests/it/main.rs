//! Executors as their users see them. One body runs on each of them.

mod borrowing;
mod conformance;
mod hooks;
mod workers;
