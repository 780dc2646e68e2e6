//! Queues in a ring give the memory of a burst back.

use std::collections::VecDeque;
use std::mem;

/// The bytes of an empty ring that are kept for the next values.
const KEPT_BYTES: usize = 4096;

/// The memory of a ring that is empty and large, to be freed by the caller when it has
/// let go of what guards the ring.
#[inline]
pub(crate) fn give_back<T>(values: &mut VecDeque<T>) -> Option<VecDeque<T>> {
    let large = values.is_empty() && values.capacity() * size_of::<T>() > KEPT_BYTES;
    large.then(|| mem::take(values))
}
