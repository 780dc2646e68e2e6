//! What sockets that send packets have in common, whatever their family.
//!
//! [`Packets`] is a socket of the operating system, seen without its family;
//! [`Dgram`] is that or a virtual network's. An operation is written once, on
//! [`Side`], and tried, awaited or polled by the methods of `Dgram`.

pub(crate) mod face;
mod packets;
mod side;

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use rustix::io::ioctl_fionbio;
use sinew_core::coop;
use sinew_core::leaf::{self, Kind, Wait};
use sinew_reactor::Async;

pub(crate) use packets::Packets;
pub(crate) use side::Side;

use crate::error::no_descriptor;
use crate::provider::VirtualDatagram;
use crate::{Interest, Ready};

/// A socket that sends packets.
pub(crate) struct Dgram<T: Packets> {
    socket: Socket<T>,
}

/// Whose socket it is. Decided when it is made.
enum Socket<T: Packets> {
    Os(Async<T>),
    // Boxed, so that it adds nothing to the size of the other arm.
    Virtual(Box<VirtualArm<T::Addr>>),
}

/// A provider's socket.
struct VirtualArm<A> {
    io: Box<dyn VirtualDatagram<A>>,
    location: &'static Location<'static>,
    /// Options that were set, by name: they change nothing, but a program that
    /// sets them finds what it has set.
    options: Mutex<Vec<(&'static str, u32)>>,
}

impl<T: Packets> Dgram<T> {
    #[track_caller]
    pub(crate) fn from_std(socket: T) -> io::Result<Self> {
        ioctl_fionbio(socket.as_fd(), true)?;
        // There is room, or the first packet finds out.
        Dgram::fresh(socket, Location::caller())
    }

    /// Takes over a socket that does not block and was just made.
    pub(crate) fn fresh(socket: T, location: &'static Location<'static>) -> io::Result<Self> {
        let socket = Socket::Os(Async::new_with_room_at(socket, location)?);
        Ok(Dgram { socket })
    }

    pub(crate) fn from_virtual(
        io: Box<dyn VirtualDatagram<T::Addr>>,
        location: &'static Location<'static>,
    ) -> Self {
        let arm = VirtualArm {
            io,
            location,
            options: Mutex::default(),
        };
        Dgram {
            socket: Socket::Virtual(Box::new(arm)),
        }
    }

    pub(crate) fn into_std(self) -> io::Result<T> {
        match self.socket {
            Socket::Os(io) => io.into_inner(),
            Socket::Virtual(_) => Err(no_descriptor(T::NAME)),
        }
    }

    #[track_caller]
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Os(io) => io.get_ref().as_fd(),
            Socket::Virtual(_) => panic!("a {} of a virtual network has no descriptor", T::NAME),
        }
    }

    /// What tells it apart, for people: its descriptor, or the provider's number.
    pub(crate) fn number(&self) -> Result<RawFd, u64> {
        match &self.socket {
            Socket::Os(io) => Ok(io.get_ref().as_fd().as_raw_fd()),
            Socket::Virtual(arm) => Err(arm.io.id()),
        }
    }

    /// The socket, for an operation that does not wait.
    pub(crate) fn side(&self) -> Side<'_, T> {
        match &self.socket {
            Socket::Os(io) => Side::Os(io.get_ref()),
            Socket::Virtual(arm) => Side::Virtual(&*arm.io),
        }
    }

    /// Asks the socket for an option, or what a virtual socket remembers of it.
    pub(crate) fn option(
        &self,
        name: &'static str,
        default: u32,
        ask: impl FnOnce(&T) -> io::Result<u32>,
    ) -> io::Result<u32> {
        match &self.socket {
            Socket::Os(io) => ask(io.get_ref()),
            Socket::Virtual(arm) => {
                let options = arm.options.lock().unwrap_or_else(PoisonError::into_inner);
                let found = options.iter().find(|(known, _)| *known == name);
                Ok(found.map_or(default, |(_, value)| *value))
            }
        }
    }

    /// Sets an option of the socket, or has a virtual socket remember it.
    pub(crate) fn set_option(
        &self,
        name: &'static str,
        value: u32,
        set: impl FnOnce(&T) -> io::Result<()>,
    ) -> io::Result<()> {
        match &self.socket {
            Socket::Os(io) => set(io.get_ref()),
            Socket::Virtual(arm) => {
                let mut options = arm.options.lock().unwrap_or_else(PoisonError::into_inner);
                options.retain(|(known, _)| *known != name);
                options.push((name, value));
                Ok(())
            }
        }
    }

    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match &self.socket {
            Socket::Os(io) => io.ready(interest).await,
            Socket::Virtual(arm) => poll_fn(|cx| arm.poll_ready(cx, interest)).await,
        }
    }

    pub(crate) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
    ) -> Poll<io::Result<()>> {
        match &self.socket {
            Socket::Os(io) if interest.is_writable() => io.poll_writable(cx),
            Socket::Os(io) => io.poll_readable(cx),
            Socket::Virtual(arm) => arm.poll_ready(cx, interest).map_ok(drop),
        }
    }

    pub(crate) fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        match &self.socket {
            Socket::Os(io) => io.try_io(interest, |_| f()),
            // A provider knows its state and needs no readiness cleared.
            Socket::Virtual(_) => f(),
        }
    }

    pub(crate) async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            self.ready(interest).await?;
            match self.try_io(interest, &mut f) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    /// Does `op` once, without waiting.
    pub(crate) fn attempt<R>(
        &self,
        interest: Interest,
        op: impl FnOnce(Side<'_, T>) -> io::Result<R>,
    ) -> io::Result<R> {
        match &self.socket {
            Socket::Os(io) => io.try_io(interest, |socket| op(Side::Os(socket))),
            Socket::Virtual(arm) => op(Side::Virtual(&*arm.io)),
        }
    }

    /// Does `op` as soon as it does not fail with `WouldBlock`.
    pub(crate) async fn run<R>(
        &self,
        interest: Interest,
        mut op: impl FnMut(Side<'_, T>) -> io::Result<R>,
    ) -> io::Result<R> {
        match &self.socket {
            Socket::Os(io) if interest.is_writable() => {
                io.write_with(|socket| op(Side::Os(socket))).await
            }
            Socket::Os(io) => io.read_with(|socket| op(Side::Os(socket))).await,
            Socket::Virtual(arm) => {
                poll_fn(|cx| arm.poll_with(cx, interest, |io| op(Side::Virtual(io)))).await
            }
        }
    }

    /// As [`run`](Self::run), one poll of it.
    pub(crate) fn poll<R>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        mut op: impl FnMut(Side<'_, T>) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        match &self.socket {
            Socket::Os(io) if interest.is_writable() => {
                io.poll_write_with(cx, |socket| op(Side::Os(socket)))
            }
            Socket::Os(io) => io.poll_read_with(cx, |socket| op(Side::Os(socket))),
            Socket::Virtual(arm) => arm.poll_with(cx, interest, |io| op(Side::Virtual(io))),
        }
    }
}

impl<A> VirtualArm<A> {
    fn poll_ready(&self, cx: &mut Context<'_>, interest: Interest) -> Poll<io::Result<Ready>> {
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

    fn poll_with<R>(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        mut op: impl FnMut(&dyn VirtualDatagram<A>) -> io::Result<R>,
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
}
