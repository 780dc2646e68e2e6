//! The runtime, from `sinew-runtime`.

pub use sinew_runtime::{
    Builder, EnterGuard, Handle, Id, LocalOptions, LocalRuntime, RngSeed, Runtime, RuntimeFlavor,
    TaskMeta, TryCurrentError, UnhandledPanic,
};
