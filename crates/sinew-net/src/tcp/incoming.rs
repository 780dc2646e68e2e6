//! Connections as a stream.

use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::{TcpListener, TcpStream};
use crate::accept::owned_incoming;
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

owned_incoming! {
    /// The connections of a listener that it owns, as a stream that never ends. Also
    /// made by [`TcpListener::into_incoming`](crate::TcpListener::into_incoming).
    ///
    /// What is said about [errors](TcpListener#when-accepting-fails) holds for it as well.
    TcpListenerStream, TcpListener, TcpStream
}
