//! The second backend: an io_uring, driven by a thread of its own.
//!
//! Where there is no ring, [`get`] says why and all goes to the pool.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as sys;

#[cfg(not(target_os = "linux"))]
mod none;
#[cfg(not(target_os = "linux"))]
use none as sys;

pub(crate) use sys::{Ring, get};
