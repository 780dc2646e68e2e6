//! The runtime, from `sinew-runtime`.

pub use sinew_runtime::{
    Builder, EnterGuard, Handle, LocalOptions, LocalRuntime, Runtime, RuntimeFlavor,
    TryCurrentError,
};
