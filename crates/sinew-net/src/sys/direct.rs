//! The two calls of every message, straight to the kernel.
//!
//! The C library's `recv` and `send` are points where a thread can be cancelled,
//! which no thread of Rust may be, and making them so takes as many instructions
//! as the rest of a read.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;

/// Receives into `buf`.
#[inline]
#[expect(
    unsafe_code,
    reason = "std calls the C library, whose function costs more"
)]
pub(crate) fn recv(socket: &impl AsFd, buf: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the descriptor is open because it is borrowed; the kernel writes at
    // most as many bytes as `buf` has; where from is not asked for.
    let count = unsafe {
        libc::syscall(
            libc::SYS_recvfrom,
            socket.as_fd().as_raw_fd(),
            buf.as_mut_ptr(),
            buf.len(),
            0,
            ptr::null_mut::<libc::sockaddr>(),
            ptr::null_mut::<libc::socklen_t>(),
        )
    };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Sends from `buf`, without a signal when nobody receives any more.
#[inline]
#[expect(
    unsafe_code,
    reason = "std calls the C library, whose function costs more"
)]
pub(crate) fn send(socket: &impl AsFd, buf: &[u8]) -> io::Result<usize> {
    // SAFETY: the descriptor is open because it is borrowed; the kernel reads the
    // bytes that `buf` has; there is no address.
    let count = unsafe {
        libc::syscall(
            libc::SYS_sendto,
            socket.as_fd().as_raw_fd(),
            buf.as_ptr(),
            buf.len(),
            libc::MSG_NOSIGNAL,
            ptr::null::<libc::sockaddr>(),
            0_usize,
        )
    };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}
