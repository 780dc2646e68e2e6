//! The boxed arm of a listener: a provider's, with what the sockets add to it.

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, ready};

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use super::stream::TcpStream;
use super::virtual_stream::{self, TTL};
use crate::provider::VirtualListener;

/// A provider's listener.
#[derive(Debug)]
pub(super) struct Virtual {
    io: Box<dyn VirtualListener>,
    location: &'static Location<'static>,
    ttl: AtomicU32,
}

impl Virtual {
    pub(super) fn new(io: Box<dyn VirtualListener>, location: &'static Location<'static>) -> Self {
        Virtual {
            io,
            location,
            ttl: AtomicU32::new(TTL),
        }
    }

    pub(super) fn io(&self) -> &dyn VirtualListener {
        &*self.io
    }

    pub(super) fn ttl(&self) -> u32 {
        self.ttl.load(Ordering::Relaxed)
    }

    pub(super) fn set_ttl(&self, ttl: u32) {
        self.ttl.store(ttl, Ordering::Relaxed);
    }

    /// Accepts a connection, made at `location`.
    pub(super) fn poll_accept(
        &self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let proceed = ready!(coop::poll_proceed(cx));
        match self.io.poll_accept(cx) {
            Poll::Pending => leaf::pending(&Wait {
                kind: Kind::Readable,
                resource: self.io.id(),
                location: self.location,
            }),
            Poll::Ready(accepted) => {
                proceed.made_progress();
                Poll::Ready(accepted.map(|(io, peer)| {
                    let stream = virtual_stream::Virtual::new(io, location);
                    (TcpStream::from_virtual(stream), peer)
                }))
            }
        }
    }
}
