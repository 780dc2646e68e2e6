//! `pin!`: pins values to the stack under the names they have.

/// Pins values to the stack, in one of two forms.
///
/// `pin!(a, b);` moves the variables `a` and `b` and shadows them with pinned
/// mutable references, of type `Pin<&mut T>`. `pin! { let a = …; let b = …; }`
/// makes variables that are pinned from the start.
///
/// A pinned value stays where it is until it is dropped, which is at the end of
/// the surrounding block. It takes no allocation, and so it cannot be returned;
/// use `Box::pin` for that.
///
/// It takes names only, unlike [`std::pin::pin!`], which takes an expression.
///
/// # Examples
///
/// A future that is waited for in several steps, in a loop or by reference,
/// must be pinned first:
///
/// ```
/// use sinew_core::{block_on, pin, race};
///
/// async fn slow() -> u32 { 7 }
///
/// block_on(async {
///     let future = slow();
///     pin!(future);
///     assert_eq!(race!(&mut future), 7);
///
///     pin! {
///         let other = slow();
///     }
///     assert_eq!(other.await, 7);
/// });
/// ```
#[macro_export]
macro_rules! pin {
    ($($name:ident),* $(,)?) => {
        $(
            // The old variable cannot be reached any more: it was moved and its
            // name means the reference from here on.
            #[allow(unused_mut, reason = "not every pinned value is used by `as_mut`")]
            let mut $name = $crate::__macro::pin!($name);
        )*
    };
    ($(let $name:ident = $init:expr;)*) => {
        $(
            #[allow(unused_mut, reason = "not every pinned value is used by `as_mut`")]
            let mut $name = $crate::__macro::pin!($init);
        )*
    };
}

#[cfg(all(test, not(sinew_loom)))]
mod tests;
