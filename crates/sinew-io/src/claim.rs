//! The check on what foreign readers and writers say they moved.

/// Returns `n`, the count a reader or writer reported for a buffer of `room` bytes.
///
/// The IO traits are safe to implement, so a count cannot be believed: one beyond the buffer would
/// make the caller hand out bytes that were never read, or skip bytes that were never written.
///
/// # Panics
///
/// Panics if `n` is more than `room`.
#[inline]
#[track_caller]
pub(crate) fn claimed(n: usize, room: usize) -> usize {
    assert!(
        n <= room,
        "a reader or writer reported {n} bytes for a buffer of {room}"
    );
    n
}
