//! How sinew-io's `copy` has the system move bytes from and to what is here.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod pipes;
#[cfg(target_os = "linux")]
mod relay;

#[cfg(target_os = "linux")]
pub(crate) use linux::offer;

/// Other systems have no call for it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn offer() {}

#[cfg(all(test, target_os = "linux"))]
mod tests;
