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
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Incoming").field(self.listener).finish()
    }
}

/// The connections of a listener that it owns. Made by
/// [`TcpListener::into_incoming`](crate::TcpListener::into_incoming); never ends.
#[must_use = "streams do nothing unless polled"]
pub struct IntoIncoming {
    listener: TcpListener,
    rest: Rest,
    location: &'static Location<'static>,
}

impl IntoIncoming {
    pub(super) fn new(listener: TcpListener, location: &'static Location<'static>) -> Self {
        IntoIncoming {
            listener,
            rest: Rest::default(),
            location,
        }
    }

    /// The listener.
    #[must_use]
    pub fn get_ref(&self) -> &TcpListener {
        &self.listener
    }

    /// Gives the listener back. Connections that wait stay with it.
    #[must_use]
    pub fn into_inner(self) -> TcpListener {
        self.listener
    }
}

impl Stream for IntoIncoming {
    type Item = io::Result<TcpStream>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let accepted = this
            .listener
            .poll_accept_with(cx, &mut this.rest, this.location);
        accepted.map_ok(|(stream, _)| stream).map(Some)
    }
}

impl fmt::Debug for IntoIncoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntoIncoming").field(&self.listener).finish()
    }
}
