//! Linux: `splice`.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::ptr;
use std::sync::Once;
use std::task::{Context, Poll};

use sinew_core::borrowed_any::{BorrowedAny, Shrink};
use sinew_io::splice::{Descriptor, Finder, Relay, Source, Spliced, Target, register};

use super::relay::poll_splice;
use crate::stream::{Conn, Socket, Transport};
use crate::unix::pipe::{Receiver, Sender};
use crate::{TcpStream, UnixStream, tcp, unix};

/// Tells sinew-io what is here. To be called before a stream is given out.
pub(crate) fn offer() {
    static OFFERED: Once = Once::new();
    OFFERED.call_once(|| register(Finder { source, target }));
}

/// Says that these types may be asked for.
macro_rules! shrink {
    ($($Type:ty => $To:ty;)*) => {
        $(
            // SAFETY: it has no lifetime, or the one lifetime of the shared
            // reference that it is made of.
            #[expect(unsafe_code, reason = "only the type's own crate knows its lifetimes")]
            unsafe impl Shrink for $Type {
                type To<'a> = $To;
            }
        )*
    };
}

shrink! {
    TcpStream => TcpStream;
    tcp::ReadHalf<'static> => tcp::ReadHalf<'a>;
    tcp::WriteHalf<'static> => tcp::WriteHalf<'a>;
    tcp::OwnedReadHalf => tcp::OwnedReadHalf;
    tcp::OwnedWriteHalf => tcp::OwnedWriteHalf;
    UnixStream => UnixStream;
    unix::ReadHalf<'static> => unix::ReadHalf<'a>;
    unix::WriteHalf<'static> => unix::WriteHalf<'a>;
    unix::OwnedReadHalf => unix::OwnedReadHalf;
    unix::OwnedWriteHalf => unix::OwnedWriteHalf;
    Receiver => Receiver;
    Sender => Sender;
}

/// The `$Stream` behind `$any`, which is one, or a reference to one, or a half.
macro_rules! stream {
    ($any:expr, $Stream:ty: $($Half:ty),*) => {
        (|| {
            let any: BorrowedAny<'_> = $any;
            if let Some(stream) = any.downcast::<$Stream>() {
                return Some(stream);
            }
            if let Some(stream) = any.downcast::<&'static $Stream>() {
                return Some(*stream);
            }
            $(
                if let Some(half) = any.downcast::<$Half>() {
                    return Some(half.as_ref());
                }
            )*
            None
        })()
    };
}

pub(super) fn source(reader: BorrowedAny<'_>) -> Option<&dyn Source> {
    let tcp = stream!(reader, TcpStream: tcp::ReadHalf<'static>, tcp::OwnedReadHalf);
    if let Some(stream) = tcp {
        return of_the_system(&stream.conn).map(|conn| conn as _);
    }
    let unix = stream!(reader, UnixStream: unix::ReadHalf<'static>, unix::OwnedReadHalf);
    if let Some(stream) = unix {
        return of_the_system(&stream.conn).map(|conn| conn as _);
    }
    Some(reader.downcast::<Receiver>()?)
}

pub(super) fn target(writer: BorrowedAny<'_>) -> Option<&dyn Target> {
    let tcp = stream!(writer, TcpStream: tcp::WriteHalf<'static>, tcp::OwnedWriteHalf);
    if let Some(stream) = tcp {
        return of_the_system(&stream.conn).map(|conn| conn as _);
    }
    let unix = stream!(writer, UnixStream: unix::WriteHalf<'static>, unix::OwnedWriteHalf);
    if let Some(stream) = unix {
        return of_the_system(&stream.conn).map(|conn| conn as _);
    }
    Some(writer.downcast::<Sender>()?)
}

fn of_the_system<T: Transport>(conn: &Conn<T>) -> Option<&Conn<T>> {
    matches!(conn.socket, Socket::Os(_)).then_some(conn)
}

#[expect(unsafe_code, reason = "std tells nothing of signals")]
fn ignores_broken_pipes() -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: no new action is given, and there is room for the old one.
    let failed = unsafe { libc::sigaction(libc::SIGPIPE, ptr::null(), action.as_mut_ptr()) };
    if failed != 0 {
        return false;
    }
    // SAFETY: the call has succeeded, so it has written the action.
    let action = unsafe { action.assume_init() };
    action.sa_sigaction == libc::SIG_IGN
}

impl<T: Transport> Source for Conn<T> {
    fn poll_splice(
        &self,
        cx: &mut Context<'_>,
        target: &dyn Target,
        relay: &mut Relay,
    ) -> Poll<io::Result<Spliced>> {
        match &self.socket {
            Socket::Os(io) => poll_splice(io, cx, target, relay.state()),
            Socket::Virtual(_) => Poll::Ready(Ok(Spliced::NotNow)),
        }
    }
}

impl<T: Transport> Target for Conn<T> {
    /// A write of ours to a connection that the peer has closed fails and that is
    /// all, but one of the system's raises `SIGPIPE` besides, which must not end
    /// the process or be heard of.
    fn admits(&self) -> bool {
        ignores_broken_pipes()
    }

    fn poll_take(
        &self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(Descriptor<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Socket::Os(io) => io.poll_write_with(cx, |socket| take(socket.as_fd())),
            Socket::Virtual(_) => Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        }
    }
}

impl Source for Receiver {
    fn poll_splice(
        &self,
        cx: &mut Context<'_>,
        target: &dyn Target,
        relay: &mut Relay,
    ) -> Poll<io::Result<Spliced>> {
        poll_splice(&self.io, cx, target, relay.state())
    }
}

impl Target for Sender {
    fn poll_take(
        &self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(Descriptor<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_write_with(cx, |pipe| take(pipe.as_fd()))
    }
}
