//! Connections as a stream.

use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::{TcpListener, TcpStream};
use crate::pause::Rest;

/// The connections of a borrowed listener. Made by
/// [`TcpListener::incoming`](crate::TcpListener::incoming); never ends.
#[must_use = "streams do nothing unless polled"]
pub struct Incoming<'a> {
    listener: &'a TcpListener,
    rest: Rest,
    location: &'static Location<'static>,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(listener: &'a TcpListener, location: &'static Location<'static>) -> Self {
        Incoming {
            listener,
            rest: Rest::default(),
            location,
        }
    }
}

impl Stream for Incoming<'_> {
    type Item = io::Result<TcpStream>;

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

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Incoming").field(self.listener).finish()
    }
}

/// The connections of a listener that it owns, as a stream that never ends. Also
/// made by [`TcpListener::into_incoming`](crate::TcpListener::into_incoming).
///
/// What is said about [errors](TcpListener#when-accepting-fails) holds for it as well.
///
/// # Cancel safety
///
/// No connection is lost between two polls: the stream holds none.
#[must_use = "streams do nothing unless polled"]
pub struct TcpListenerStream {
    listener: TcpListener,
    rest: Rest,
    location: &'static Location<'static>,
}

impl TcpListenerStream {
    /// The connections of `listener`.
    #[track_caller]
    pub fn new(listener: TcpListener) -> TcpListenerStream {
        TcpListenerStream {
            listener,
            rest: Rest::default(),
            location: Location::caller(),
        }
    }

    /// Gives the listener back. Connections that wait stay with it.
    #[must_use]
    pub fn into_inner(self) -> TcpListener {
        self.listener
    }
}

impl Stream for TcpListenerStream {
    type Item = io::Result<TcpStream>;

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

impl AsRef<TcpListener> for TcpListenerStream {
    fn as_ref(&self) -> &TcpListener {
        &self.listener
    }
}

impl AsMut<TcpListener> for TcpListenerStream {
    fn as_mut(&mut self) -> &mut TcpListener {
        &mut self.listener
    }
}

impl fmt::Debug for TcpListenerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TcpListenerStream")
            .field(&self.listener)
            .finish()
    }
}
