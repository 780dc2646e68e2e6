//! The primitives of the readiness protocol: loom's under `cfg(sinew_loom)`.

pub(crate) use std::sync::atomic::Ordering;

#[cfg(not(sinew_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic::AtomicU64};

#[cfg(sinew_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard, atomic::AtomicU64};
