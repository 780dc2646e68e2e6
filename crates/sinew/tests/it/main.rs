//! The facade as a program sees it: the attributes, the macros, everything together.

mod attributes;
mod net;
mod select;
mod together;
#[cfg(all(unix, feature = "full"))]
mod wrappers;
