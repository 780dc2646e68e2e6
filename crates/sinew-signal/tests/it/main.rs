//! Signals sent to this very process, and to children of it.
//!
//! Tests that listen for a signal which others use as well, or that need the
//! process for themselves, run in a child: the test binary started again for
//! that one test.

#![cfg(unix)]

mod cancel;
mod child;
mod kinds;
mod listeners;
mod send;
mod stop;
