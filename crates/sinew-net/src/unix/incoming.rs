//! Connections as a stream.

use super::{UnixListener, UnixStream};
use crate::accept::incoming::{borrowed_incoming, owned_incoming};

borrowed_incoming! {
    /// The connections of a borrowed listener. Made by
    /// [`UnixListener::incoming`](crate::UnixListener::incoming); never ends.
    Incoming, UnixListener, UnixStream
}

owned_incoming! {
    /// The connections of a listener that it owns, as a stream that never ends. Also
    /// made by [`UnixListener::into_incoming`](crate::UnixListener::into_incoming).
    ///
    /// An error is one of the items, and the stream goes on behind it; see
    /// [`TcpListener`](crate::TcpListener#when-accepting-fails), which does the same.
    UnixListenerStream, UnixListener, UnixStream
}
