//! The two calls of every message, as `std` makes them.

use std::io::{self, Read, Write};

/// Receives into `buf`.
pub(crate) fn recv<S>(mut socket: &S, buf: &mut [u8]) -> io::Result<usize>
where
    for<'a> &'a S: Read,
{
    socket.read(buf)
}

/// Sends from `buf`, without a signal when nobody receives any more.
pub(crate) fn send<S>(mut socket: &S, buf: &[u8]) -> io::Result<usize>
where
    for<'a> &'a S: Write,
{
    socket.write(buf)
}
