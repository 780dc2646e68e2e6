//! Finding out what a generic argument is, when its type may borrow.
//!
//! `std::any::Any` is for types without borrows, so code that is generic over
//! any `T` cannot ask it whether `T` is, say, a socket. [`BorrowedAny`] can be
//! asked: it compares types with their lifetimes left out, and what it gives
//! back is borrowed for no longer than the value was lent.
//!
//! # Invariants
//!
//! 1. `value` points to a value of the type whose lifetime-less id is `id`, lent
//!    for `'a`.
//! 2. Two types of the same id differ at most in their lifetimes, all of which
//!    outlive `'a`.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ptr::NonNull;

/// A borrowed value of a type that is found out at run time.
///
/// ```
/// use sinew_core::borrowed_any::{BorrowedAny, Shrink};
///
/// struct Socket(u32);
///
/// // SAFETY: `Socket` has no lifetimes.
/// unsafe impl Shrink for Socket {
///     type To<'a> = Socket;
/// }
///
/// fn number<T: ?Sized>(value: &T) -> Option<u32> {
///     let any = BorrowedAny::new(value);
///     let socket = any
///         .downcast::<Socket>()
///         .or_else(|| any.downcast::<&Socket>().copied());
///     socket.map(|socket| socket.0)
/// }
///
/// assert_eq!(number(&Socket(7)), Some(7));
/// assert_eq!(number(&&Socket(7)), Some(7));
/// assert_eq!(number("no socket"), None);
/// ```
#[derive(Clone, Copy)]
pub struct BorrowedAny<'a> {
    id: TypeId,
    value: NonNull<()>,
    /// Not `Send` nor `Sync`, because the value may not be.
    lent: PhantomData<&'a ()>,
}

/// A type of which [`BorrowedAny`] may be asked.
///
/// # Safety
///
/// `To<'static>` is `Self`. For each `'a`, `To<'a>` is `Self` with `'a` in the
/// place of all of its lifetimes, and any value of `Self` with other lifetimes
/// in their place, as long as these outlive `'a`, is valid as a `To<'a>` (so
/// `Self` is covariant in each).
pub unsafe trait Shrink: 'static {
    /// The type with all of its lifetimes shrunk to `'a`.
    type To<'a>: 'a;
}

// SAFETY: a shared reference is covariant in its lifetime and in its type, which
// is covariant in its own by the same contract.
unsafe impl<T: Shrink> Shrink for &'static T {
    type To<'a> = &'a T::To<'a>;
}

impl<'a> BorrowedAny<'a> {
    /// Lends `value`.
    #[must_use]
    pub fn new<T: ?Sized>(value: &'a T) -> Self {
        BorrowedAny {
            id: id_without_lifetimes::<T>(),
            value: NonNull::from(value).cast(),
            lent: PhantomData,
        }
    }

    /// The value, if it is a `T`, whatever the lifetimes in it.
    #[must_use]
    pub fn downcast<T: Shrink>(self) -> Option<&'a T::To<'a>> {
        if self.id != TypeId::of::<T>() {
            return None;
        }
        // SAFETY: by invariants 1 and 2 the value is a `T` but for its
        // lifetimes, which outlive 'a, and is lent for 'a; `T` is sized, so the
        // value's type is, and the pointer is all of it. `Shrink` says that such
        // a value is valid as a `To<'a>`.
        Some(unsafe { self.value.cast::<T::To<'a>>().as_ref() })
    }
}

impl fmt::Debug for BorrowedAny<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BorrowedAny").field(&self.id).finish()
    }
}

/// A type that knows its id if it does not borrow.
trait Identify {
    fn id(&self) -> TypeId
    where
        Self: 'static;
}

impl<T: ?Sized> Identify for PhantomData<T> {
    fn id(&self) -> TypeId
    where
        Self: 'static,
    {
        TypeId::of::<T>()
    }
}

/// The id of `T` with `'static` in the place of all of its lifetimes. Lifetimes do
/// not exist when the program runs, so the function that `T`'s table holds is the
/// one for that type.
fn id_without_lifetimes<T: ?Sized>() -> TypeId {
    let phantom = PhantomData::<T>;
    let borrowed: &dyn Identify = &phantom;
    // SAFETY: only the bound on the hidden type's lifetimes changes, neither the
    // layout nor the table. The one method reads nothing but the type, and its
    // result borrows nothing.
    let unbound = unsafe { mem::transmute::<&dyn Identify, &(dyn Identify + 'static)>(borrowed) };
    unbound.id()
}

#[cfg(test)]
mod tests;
