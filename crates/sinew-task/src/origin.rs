//! Where a task comes from, in one word: its location, and its name if it has
//! one.

use std::panic::Location;
use std::ptr;

/// A location, or a box with a location and a name.
///
/// Invariant: with a low bit of zero, the address of a `'static` location; else
/// that of a leaked `Named`, plus one. Both are aligned to more than one byte.
pub(crate) struct Origin(*const ());

struct Named {
    location: &'static Location<'static>,
    name: Box<str>,
}

const NAMED: usize = 1;

// SAFETY: it owns or borrows plain data that is `Send` and `Sync`.
unsafe impl Send for Origin {}
// SAFETY: as above.
unsafe impl Sync for Origin {}

impl Origin {
    #[inline]
    pub(crate) fn new(location: &'static Location<'static>, name: Option<Box<str>>) -> Origin {
        const { assert!(align_of::<Location<'static>>() > NAMED) };
        const { assert!(align_of::<Named>() > NAMED) };
        match name {
            None => Origin(ptr::from_ref(location).cast()),
            Some(name) => {
                let named = Box::into_raw(Box::new(Named { location, name }));
                Origin(
                    named
                        .cast_const()
                        .cast::<()>()
                        .map_addr(|addr| addr | NAMED),
                )
            }
        }
    }

    /// Whether there is a name.
    #[inline]
    pub(crate) fn is_named(&self) -> bool {
        self.0.addr() & NAMED != 0
    }

    /// The box, if there is one.
    #[inline]
    fn boxed(&self) -> Option<*mut Named> {
        self.is_named().then(|| {
            let named = self.0.map_addr(|addr| addr & !NAMED);
            named.cast_mut().cast()
        })
    }

    fn named(&self) -> Option<&Named> {
        // SAFETY: by the invariant it is the box that we own.
        self.boxed().map(|named| unsafe { &*named })
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        match self.named() {
            Some(named) => named.location,
            // SAFETY: by the invariant it is the address of such a location.
            None => unsafe { &*self.0.cast() },
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.named().map(|named| &*named.name)
    }
}

impl Drop for Origin {
    #[inline]
    fn drop(&mut self) {
        if let Some(named) = self.boxed() {
            // SAFETY: by the invariant it came out of a box, which is ours.
            drop(unsafe { Box::from_raw(named) });
        }
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::Origin;
    use std::panic::Location;

    #[test]
    fn keeps_both() {
        let location = Location::caller();
        let plain = Origin::new(location, None);
        assert_eq!(plain.name(), None);
        assert_eq!(plain.location().line(), location.line());
        let named = Origin::new(location, Some("n".into()));
        assert_eq!(named.name(), Some("n"));
        assert_eq!(named.location().line(), location.line());
    }
}
