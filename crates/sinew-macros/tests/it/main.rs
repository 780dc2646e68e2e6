//! What the macros write, run: the attributes on a runtime made for the purpose.

#![forbid(unsafe_code)]

mod attributes;
mod outside;
mod own;
mod ui;

/// Where generated code looks for the timeout of a test, as in the facade.
#[doc(hidden)]
pub mod __private {
    pub use crate::own::test_timeout;
}

/// Where generated code looks for the builder, as in the facade.
pub mod runtime {
    pub use crate::own::Builder;
}
