//! What an actor works with, and leaves behind.

use std::cell::Cell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// Something that an actor works with, and that is back in its home when the actor has
/// ended or was dropped, for the check to go on with.
///
/// ```
/// use sinew_testing::cancel::{Lent, every_await};
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// every_await(
///     || Rc::new(Cell::new(Some(vec![1]))),
///     |script, home| {
///         let home = home.clone();
///         script.actor(async move { Lent::of(&home).push(2) });
///     },
///     |home, _| assert_eq!(home.take().unwrap(), [1, 2]),
/// );
/// ```
pub struct Lent<T> {
    value: Option<T>,
    home: Rc<Cell<Option<T>>>,
}

impl<T> Lent<T> {
    /// Takes what is in `home`.
    ///
    /// # Panics
    ///
    /// When it is lent already.
    #[track_caller]
    #[must_use]
    pub fn of(home: &Rc<Cell<Option<T>>>) -> Lent<T> {
        let value = home.take();
        assert!(value.is_some(), "it is lent to another actor");
        let home = home.clone();
        Lent { value, home }
    }
}

impl<T> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.value {
            Some(value) => value,
            None => unreachable!("it goes home when this is dropped, not before"),
        }
    }
}

impl<T> DerefMut for Lent<T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.value {
            Some(value) => value,
            None => unreachable!("it goes home when this is dropped, not before"),
        }
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        self.home.set(self.value.take());
    }
}

impl<T: fmt::Debug> fmt::Debug for Lent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lent").field(&**self).finish()
    }
}
