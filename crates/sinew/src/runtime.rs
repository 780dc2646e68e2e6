//! The runtime, from `sinew-runtime`.

pub use sinew_runtime::{
    Builder, Drain, EnterGuard, Handle, HistogramConfiguration, HistogramScale, Id,
    InvalidHistogramConfiguration, LocalOptions, LocalRuntime, LogHistogram, LogHistogramBuilder,
    RngSeed, Runtime, RuntimeFlavor, RuntimeMetrics, TaskMeta, TryCurrentError, UnhandledPanic,
    is_rt_shutdown_err, worker_index,
};
