//! The facade as a program sees it: the attributes, the macros, everything together.

mod attributes;
mod net;
mod together;
