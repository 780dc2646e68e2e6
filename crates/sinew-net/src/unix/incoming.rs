//! Connections as a stream.

use super::{UnixListener, UnixStream};
use crate::accept::owned_incoming;

owned_incoming! {
    /// The connections of a listener that it owns, as a stream that never ends.
    ///
    /// An error is one of the items, and the stream goes on behind it; see
    /// [`TcpListener`](crate::TcpListener#when-accepting-fails), which does the same.
    UnixListenerStream, UnixListener, UnixStream
}
