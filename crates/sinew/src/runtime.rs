//! The runtime, from `sinew-runtime`.

pub use sinew_reactor::is_rt_shutdown_err;
pub use sinew_runtime::{
    Builder, EnterGuard, Handle, Id, LocalOptions, LocalRuntime, RngSeed, Runtime, RuntimeFlavor,
    TaskMeta, TryCurrentError, UnhandledPanic,
};
