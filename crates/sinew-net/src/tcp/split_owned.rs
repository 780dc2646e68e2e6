//! The two directions of a stream, each with an owner.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::TcpStream;
use super::split::{half, read_half, write_half};
use crate::{Interest, Ready};

/// The reading direction of a [`TcpStream`]. Made by
/// [`TcpStream::into_split`](crate::TcpStream::into_split).
#[derive(Debug)]
pub struct OwnedReadHalf {
    stream: Arc<TcpStream>,
}

/// The writing direction of a [`TcpStream`]. Made by
/// [`TcpStream::into_split`](crate::TcpStream::into_split).
///
/// Dropping it closes the sending direction: the peer reads what was sent, then
/// the end. [`forget`](Self::forget) leaves it open.
#[derive(Debug)]
pub struct OwnedWriteHalf {
    stream: Arc<TcpStream>,
    close_on_drop: bool,
}

pub(super) fn split_owned(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let stream = Arc::new(stream);
    let read = OwnedReadHalf {
        stream: Arc::clone(&stream),
    };
    let write = OwnedWriteHalf {
        stream,
        close_on_drop: true,
    };
    (read, write)
}

fn reunite(read: OwnedReadHalf, write: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
    if !Arc::ptr_eq(&read.stream, &write.stream) {
        return Err(ReuniteError(read, write));
    }
    write.forget();
    // There were two owners, and one of them has just gone.
    let stream = Arc::into_inner(read.stream);
    Ok(stream.expect("the read half is the last owner"))
}

/// The halves given to `reunite` are not of the same stream. Gives them back.
#[derive(Debug)]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves are not of the same socket")
    }
}

impl Error for ReuniteError {}

half!(OwnedReadHalf);
half!(OwnedWriteHalf);
read_half!(OwnedReadHalf);
write_half!(OwnedWriteHalf);

impl OwnedReadHalf {
    /// Puts the two halves of a stream together again.
    ///
    /// # Errors
    ///
    /// Gives both back when they are not of the same stream.
    pub fn reunite(self, other: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        reunite(self, other)
    }
}

impl OwnedWriteHalf {
    /// Puts the two halves of a stream together again.
    ///
    /// # Errors
    ///
    /// Gives both back when they are not of the same stream.
    pub fn reunite(self, other: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        reunite(other, self)
    }

    /// Drops the half without closing the sending direction. It closes with the
    /// connection, when the other half is dropped.
    pub fn forget(mut self) {
        self.close_on_drop = false;
    }

    fn close(&mut self) -> io::Result<()> {
        let closed = self.stream.shutdown_write();
        if closed.is_ok() {
            self.close_on_drop = false;
        }
        closed
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        if self.close_on_drop {
            // Fails only if there is no connection any more to close.
            let _ = self.stream.shutdown_write();
        }
    }
}

impl AsRef<TcpStream> for OwnedReadHalf {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}

impl AsRef<TcpStream> for OwnedWriteHalf {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}
