//! What receives, accepts, ticks or finishes, as streams: tokio-stream's names, each from
//! the crate of what it wraps.

#[cfg(feature = "fs")]
pub use sinew_fs::ReadDirStream;
#[cfg(feature = "io")]
pub use sinew_io::stream::{LinesStream, SplitStream};
#[cfg(feature = "net")]
pub use sinew_net::{tcp::TcpListenerStream, unix::UnixListenerStream};
#[cfg(feature = "runtime")]
pub use sinew_runtime::join_set::JoinSetStream;
#[cfg(feature = "signal")]
pub use sinew_signal::unix::SignalStream;
#[cfg(feature = "sync")]
pub use sinew_sync::stream::{
    BroadcastStream, ReceiverStream, UnboundedReceiverStream, WatchStream, errors,
};
#[cfg(feature = "time")]
pub use sinew_time::stream::IntervalStream;
