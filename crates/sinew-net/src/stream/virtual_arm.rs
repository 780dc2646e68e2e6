//! The boxed arm of a stream: a provider's connection, with what the sockets
//! add to it.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};

use crate::provider::{BoxFuture, VirtualStream};
use crate::{Interest, Ready};

/// Hops that a packet may take, unless set: the default of most systems.
pub(crate) const TTL: u32 = 64;

/// A provider's connection.
#[derive(Debug)]
pub(crate) struct Virtual<A> {
    io: Box<dyn VirtualStream<A>>,
    location: &'static Location<'static>,
    options: Mutex<Options>,
}

/// Options that change nothing about the bytes are remembered, so that a
/// program which sets them finds what it has set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) nodelay: bool,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) quickack: bool,
    pub(crate) ttl: u32,
    pub(crate) linger: Option<Duration>,
}

impl<A> Virtual<A> {
    pub(crate) fn new(io: Box<dyn VirtualStream<A>>, location: &'static Location<'static>) -> Self {
        Virtual {
            io,
            location,
            options: Mutex::new(Options {
                nodelay: false,
                #[cfg(any(target_os = "linux", target_os = "android"))]
                quickack: true,
                ttl: TTL,
                linger: None,
            }),
        }
    }

    /// Waits for a provider's `connecting`; `resource` tells it apart in reports.
    pub(crate) async fn connect(
        mut connecting: BoxFuture<Box<dyn VirtualStream<A>>>,
        resource: u64,
        location: &'static Location<'static>,
    ) -> io::Result<Self> {
        let wait = Wait {
            kind: Kind::Writable,
            resource,
            location,
        };
        let io = poll_fn(|cx| match connecting.as_mut().poll(cx) {
            Poll::Pending => leaf::pending(&wait),
            done => done,
        })
        .await?;
        Ok(Virtual::new(io, location))
    }

    pub(crate) fn io(&self) -> &dyn VirtualStream<A> {
        &*self.io
    }

    pub(crate) fn options(&self) -> MutexGuard<'_, Options> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the connection is ready for `interest`.
    pub(crate) fn poll_ready(
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
    pub(crate) fn poll_with<R>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        mut op: impl FnMut(&dyn VirtualStream<A>) -> io::Result<R>,
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

    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_with(cx, Interest::READABLE, |io| {
            io.read(&mut [IoSliceMut::new(buf)])
        })
    }

    pub(crate) fn poll_write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_with(cx, Interest::WRITABLE, |io| io.write(&[IoSlice::new(buf)]))
    }
}

impl<A> Drop for Virtual<A> {
    fn drop(&mut self) {
        if self.options().linger == Some(Duration::ZERO) {
            self.io.reset();
        }
    }
}
