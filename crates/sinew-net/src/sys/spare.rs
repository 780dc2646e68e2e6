//! Receiving into room that holds no bytes yet.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

use bytes::BufMut;
use socket2::{SockAddr, SockRef};

/// How much of a buffer is filled at a time where the bytes come from a
/// provider, which writes to bytes that exist.
const PART: usize = 4096;

/// Receives from a socket into the spare room of `buf`.
pub(crate) fn recv_buf(socket: &impl AsFd, buf: &mut impl BufMut) -> io::Result<usize> {
    let (count, ()) = fill(buf, |spare| Ok((SockRef::from(socket).recv(spare)?, ())))?;
    Ok(count)
}

/// Receives from a socket into the spare room of `buf`; says from whom.
pub(crate) fn recv_buf_from(
    socket: &impl AsFd,
    buf: &mut impl BufMut,
) -> io::Result<(usize, SockAddr)> {
    fill(buf, |spare| SockRef::from(socket).recv_from(spare))
}

/// Reads from a descriptor into the spare room of `buf`.
pub(crate) fn read_buf(fd: &impl AsFd, buf: &mut impl BufMut) -> io::Result<usize> {
    let (count, ()) = fill(buf, |spare| {
        let (filled, _) = rustix::io::read(fd, spare)?;
        Ok((filled.len(), ()))
    })?;
    Ok(count)
}

/// `receive` writes as many bytes as it says. Private, so that only the calls
/// above are handed in.
#[expect(
    unsafe_code,
    reason = "the trait has no safe way to room that holds no bytes yet"
)]
fn fill<R>(
    buf: &mut impl BufMut,
    receive: impl FnOnce(&mut [MaybeUninit<u8>]) -> io::Result<(usize, R)>,
) -> io::Result<(usize, R)> {
    let chunk = buf.chunk_mut();
    let room = chunk.len();
    // SAFETY: whoever gets the slice writes bytes to it, never unwritten ones:
    // it goes to receiving system calls only.
    let spare = unsafe { chunk.as_uninit_slice_mut() };
    let (count, rest) = receive(spare)?;
    let count = count.min(room);
    // SAFETY: the call has written the first `count` bytes of the chunk.
    unsafe { buf.advance_mut(count) };
    Ok((count, rest))
}

/// Has `receive` write into a part of the room of `buf`, by way of bytes that
/// exist.
pub(crate) fn put<R: Count>(
    buf: &mut impl BufMut,
    receive: impl FnOnce(&mut [u8]) -> io::Result<R>,
) -> io::Result<R> {
    let mut part = [0; PART];
    let room = buf.chunk_mut().len().min(PART);
    let received = receive(&mut part[..room])?;
    buf.put_slice(&part[..received.count()]);
    Ok(received)
}

/// What a receiving operation returns.
pub(crate) trait Count {
    /// How many bytes.
    fn count(&self) -> usize;
}

impl Count for usize {
    fn count(&self) -> usize {
        *self
    }
}

impl<A> Count for (usize, A) {
    fn count(&self) -> usize {
        self.0
    }
}
