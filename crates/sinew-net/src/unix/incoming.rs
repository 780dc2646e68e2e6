//! Connections as a stream.

use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::{UnixListener, UnixStream};
use crate::pause::Rest;

/// The connections of a listener that it owns, as a stream that never ends.
///
/// An error is one of the items, and the stream goes on behind it; see
/// [`TcpListener`](crate::TcpListener#when-accepting-fails), which does the same.
///
/// # Cancel safety
///
/// No connection is lost between two polls: the stream holds none.
#[must_use = "streams do nothing unless polled"]
pub struct UnixListenerStream {
    listener: UnixListener,
    rest: Rest,
    location: &'static Location<'static>,
}

impl UnixListenerStream {
    /// The connections of `listener`.
    #[track_caller]
    pub fn new(listener: UnixListener) -> UnixListenerStream {
        UnixListenerStream {
            listener,
            rest: Rest::default(),
            location: Location::caller(),
        }
    }

    /// Gives the listener back. Connections that wait stay with it.
    #[must_use]
    pub fn into_inner(self) -> UnixListener {
        self.listener
    }
}

impl Stream for UnixListenerStream {
    type Item = io::Result<UnixStream>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let accepted = this
            .listener
            .poll_accept_with(cx, &mut this.rest, this.location);
        accepted.map_ok(|(stream, _)| stream).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

impl AsRef<UnixListener> for UnixListenerStream {
    fn as_ref(&self) -> &UnixListener {
        &self.listener
    }
}

impl AsMut<UnixListener> for UnixListenerStream {
    fn as_mut(&mut self) -> &mut UnixListener {
        &mut self.listener
    }
}

impl fmt::Debug for UnixListenerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnixListenerStream")
            .field(&self.listener)
            .finish()
    }
}
