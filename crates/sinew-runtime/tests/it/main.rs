//! Runtimes as their users see them. One body runs on each flavour.

mod blocking;
mod clock;
mod conformance;
mod context;
mod nesting;
mod shutdown;
mod tasks;
