//! The atomics of the protocols here: loom's under `cfg(sinew_loom)`.

pub(crate) use std::sync::atomic::Ordering;

#[cfg(not(sinew_loom))]
pub(crate) use std::sync::atomic::AtomicUsize;

#[cfg(sinew_loom)]
pub(crate) use loom::sync::atomic::AtomicUsize;

/// A constructor that is `const` except in the models, where atomics are not.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        $(#[$meta])*
        #[cfg(not(sinew_loom))]
        $vis const fn $($rest)*

        $(#[$meta])*
        #[cfg(sinew_loom)]
        $vis fn $($rest)*
    };
}

pub(crate) use const_fn;
