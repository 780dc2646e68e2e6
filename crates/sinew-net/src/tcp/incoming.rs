//! Connections as a stream.

use super::{TcpListener, TcpStream};
use crate::accept::incoming::{borrowed_incoming, owned_incoming};

borrowed_incoming! {
    /// The connections of a borrowed listener. Made by
    /// [`TcpListener::incoming`](crate::TcpListener::incoming); never ends.
    Incoming, TcpListener, TcpStream
}

owned_incoming! {
    /// The connections of a listener that it owns, as a stream that never ends. Also
    /// made by [`TcpListener::into_incoming`](crate::TcpListener::into_incoming).
    ///
    /// What is said about [errors](TcpListener#when-accepting-fails) holds for it as well.
    TcpListenerStream, TcpListener, TcpStream
}
