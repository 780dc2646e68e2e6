//! Reading a Unix stream so that it tells why it stopped.
//!
//! A read of a Unix stream ends early at bytes that descriptors or credentials
//! were sent with, though more bytes are there. `read` does not say so; `recvmsg`
//! with no room for what was sent along sets `MSG_CTRUNC` then. (What was sent
//! along is lost either way, as with every plain read of such a stream.)

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::ptr;

use sinew_reactor::Received;

/// Reads; says whether the read may have stopped short of bytes that are there.
#[expect(
    unsafe_code,
    reason = "std and socket2 do not show the flag that is needed"
)]
pub(crate) fn recv_unix(stream: &UnixStream, buf: &mut [u8]) -> io::Result<Received> {
    if buf.is_empty() {
        return Ok(Received::all(0));
    }
    let mut part = libc::iovec {
        iov_base: buf.as_mut_ptr().cast(),
        iov_len: buf.len(),
    };
    // Some systems have padding in the type, so it cannot be written out.
    // SAFETY: the type is plain data: integers and pointers, of which null is one.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_name = ptr::null_mut();
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    // SAFETY: the descriptor is open because the stream is borrowed; `message`
    // leads to one part, which is writable for its length, and to nothing else.
    let count = unsafe { libc::recvmsg(stream.as_raw_fd(), &raw mut message, 0) };
    let Ok(count) = usize::try_from(count) else {
        return Err(io::Error::last_os_error());
    };
    Ok(Received {
        count,
        stopped: message.msg_flags & libc::MSG_CTRUNC != 0,
    })
}
