//! Reading a Unix stream where the system does not say why it stopped.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;

use sinew_reactor::Received;

/// Reads. Every short read may be a stop at descriptors sent along.
pub(crate) fn recv_unix(mut stream: &UnixStream, buf: &mut [u8]) -> io::Result<Received> {
    let count = stream.read(buf)?;
    Ok(Received {
        count,
        stopped: true,
    })
}
