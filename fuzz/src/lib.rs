//! What is fuzzed, and how inputs are made.
//!
//! A [`Target`] takes bytes, uses the first of them to set itself up and the rest as what comes
//! over the wire, and panics if something is wrong. [`Mutator`] makes inputs out of earlier ones;
//! it is not guided by coverage. A fuzzer that is can call the same targets.

mod mutator;
mod targets;

pub use self::mutator::Mutator;
pub use self::targets::{TARGETS, Target};
