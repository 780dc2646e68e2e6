//! How sinew-io's `copy` has the system send files.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod resident;

#[cfg(target_os = "linux")]
pub(super) use linux::offer;

/// Other systems wait for the disk in the call for it.
#[cfg(not(target_os = "linux"))]
pub(super) fn offer() {}
