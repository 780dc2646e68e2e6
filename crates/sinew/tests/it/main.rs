//! The facade as a program sees it: the attributes, the macros, everything together.

#[cfg(all(unix, feature = "full", feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod attributes;
mod bridge;
#[cfg(feature = "full")]
mod cancel;
#[cfg(all(unix, feature = "fs"))]
mod copy;
#[cfg(feature = "full")]
mod futures_macros;
mod net;
mod select;
mod together;
#[cfg(all(unix, feature = "full"))]
mod wrappers;
