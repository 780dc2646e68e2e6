//! The guide: from the first program to a server, for who knows Rust and no async.
//!
//! Read the first five pages in order; at the end of the fifth there is a chat server.
//! The others stand alone. All programs in it are compiled and run as documentation
//! tests.
//!
//! 1. [First program](first_program)
//! 2. [Spawning and joining](spawning)
//! 3. [Cancellation](cancellation)
//! 4. [Blocking](blocking)
//! 5. [Sharing state](sharing_state)
//! 6. [Testing](testing)
//! 7. [Choosing a flavour](flavours)
//! 8. [An executor of your own](own_executor)
//! 9. [Only one crate](one_crate)
//! 10. [Moving here](moving): from tokio, smol and async-std

#[doc = include_str!("guide/first_program.md")]
pub mod first_program {}

#[doc = include_str!("guide/spawning.md")]
pub mod spawning {}

#[doc = include_str!("guide/cancellation.md")]
pub mod cancellation {}

#[doc = include_str!("guide/blocking.md")]
pub mod blocking {}

#[doc = include_str!("guide/sharing_state.md")]
pub mod sharing_state {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/flavours.md")]
pub mod flavours {}

#[doc = include_str!("guide/own_executor.md")]
pub mod own_executor {}

#[doc = include_str!("guide/one_crate.md")]
pub mod one_crate {}

#[doc = include_str!("guide/moving.md")]
pub mod moving {}
