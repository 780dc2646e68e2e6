//! Destructors that are functions.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

/// A value of many parts that is dropped by a call.
///
/// For values that are rarely dropped, from many places: the compiler puts what drops
/// their parts, one by one, into every unit of code that might have to, also only when
/// something panics. Of what drops this there is one, and calls.
pub struct OutOfLine<T>(ManuallyDrop<T>);

impl<T> OutOfLine<T> {
    /// Wraps a value.
    #[inline]
    #[must_use]
    pub const fn new(value: T) -> OutOfLine<T> {
        OutOfLine(ManuallyDrop::new(value))
    }

    /// The value.
    #[inline]
    #[must_use]
    pub fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped, so nobody else takes or drops the value.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }
}

impl<T> Drop for OutOfLine<T> {
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: here, where the value is not used any more, and nowhere else.
        unsafe { ManuallyDrop::drop(&mut self.0) };
    }
}

impl<T> Deref for OutOfLine<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for OutOfLine<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for OutOfLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use super::OutOfLine;

    #[test]
    fn drops_what_it_holds_once() {
        let part = Arc::new(5);
        let mut both = OutOfLine::new([part.clone(), part.clone()]);
        both[0] = both[1].clone();
        assert_eq!((*both[0], Arc::strong_count(&part)), (5, 3));
        drop(both);
        assert_eq!(Arc::strong_count(&part), 1);
        let kept = OutOfLine::new(part.clone()).into_inner();
        assert_eq!(Arc::strong_count(&part), 2);
        drop(kept);
        assert_eq!(Arc::strong_count(&part), 1);
    }

    #[test]
    fn drops_the_rest_if_a_part_panics() {
        struct Bad;
        impl Drop for Bad {
            fn drop(&mut self) {
                panic!("on purpose");
            }
        }
        let part = Arc::new(());
        let value = OutOfLine::new((Bad, part.clone()));
        assert!(catch_unwind(AssertUnwindSafe(|| drop(value))).is_err());
        assert_eq!(Arc::strong_count(&part), 1);
    }
}
