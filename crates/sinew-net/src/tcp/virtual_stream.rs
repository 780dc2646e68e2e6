//! The boxed arm of a stream: a provider's connection, with what the sockets
//! add to it.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use crate::provider::{VirtualNet, VirtualStream};
use crate::{Interest, Ready};

/// Hops that a packet may take, unless set: the default of most systems.
pub(super) const TTL: u32 = 64;

/// A provider's connection.
#[derive(Debug)]
pub(super) struct Virtual {
    io: Box<dyn VirtualStream>,
    location: &'static Location<'static>,
    options: Mutex<Options>,
}

/// Options that change nothing about the bytes are remembered, so that a
/// program which sets them finds what it has set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) nodelay: bool,
    pub(super) quickack: bool,
    pub(super) ttl: u32,
    pub(super) linger: Option<Duration>,
}

impl Virtual {
    pub(super) fn new(io: Box<dyn VirtualStream>, location: &'static Location<'static>) -> Self {
        Virtual {
            io,
            location,
            options: Mutex::new(Options {
                nodelay: false,
                quickack: true,
                ttl: TTL,
                linger: None,
            }),
        }
    }

    pub(super) async fn connect(
        net: &dyn VirtualNet,
        local: Option<SocketAddr>,
        addr: SocketAddr,
        location: &'static Location<'static>,
    ) -> io::Result<Self> {
        let wait = Wait {
            kind: Kind::Writable,
            resource: u64::from(addr.port()),
            location,
        };
        let mut connecting = net.connect(local, addr);
        let io = poll_fn(|cx| match connecting.as_mut().poll(cx) {
            Poll::Pending => leaf::pending(&wait),
            done => done,
        })
        .await?;
        Ok(Virtual::new(io, location))
    }

    pub(super) fn io(&self) -> &dyn VirtualStream {
        &*self.io
    }

    pub(super) fn options(&self) -> MutexGuard<'_, Options> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the connection is ready for `interest`.
    pub(super) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<Ready>> {
        let proceed = ready!(coop::poll_proceed(cx));
        let ready = ready!(self.poll_ready_unbudgeted(cx, interest));
        proceed.made_progress();
        Poll::Ready(ready)
    }

    fn poll_ready_unbudgeted(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<Ready>> {
        match self.io.poll_ready(cx, interest) {
            Poll::Pending => leaf::pending(&Wait {
                kind: if interest == Interest::WRITABLE {
                    Kind::Writable
                } else {
                    Kind::Readable
                },
                resource: self.io.id(),
                location: self.location,
            }),
            ready => ready,
        }
    }

    /// Does `op` as soon as it does not fail with `WouldBlock`.
    pub(super) fn poll_with<R>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        mut op: impl FnMut(&dyn VirtualStream) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let proceed = ready!(coop::poll_proceed(cx));
        loop {
            match op(&*self.io) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.poll_ready_unbudgeted(cx, interest))?;
                }
                done => {
                    proceed.made_progress();
                    return Poll::Ready(done);
                }
            }
        }
    }

    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(cx, Interest::READABLE, |io| {
            io.read(&mut [IoSliceMut::new(buf)])
        })
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_with(cx, Interest::WRITABLE, |io| io.write(&[IoSlice::new(buf)]))
    }
}

impl Drop for Virtual {
    fn drop(&mut self) {
        if self.options().linger == Some(Duration::ZERO) {
            self.io.reset();
        }
    }
}
