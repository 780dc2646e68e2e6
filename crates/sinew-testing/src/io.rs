//! Readers and writers that follow a script.
//!
//! [`Mock`] plays a whole peer: it says what is read from it and checks what is written to it.
//! [`Scripted`] leaves the bytes to another reader or writer and decides in which pieces they
//! go, where the task has to wait and where an error strikes.

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod builder;
mod mock;
mod scripted;

pub use self::builder::{Builder, Handle};
pub use self::mock::Mock;
pub use self::scripted::{Scripted, Step};
