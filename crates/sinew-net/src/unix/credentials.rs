//! Who is at the other end of a Unix stream.

use std::io;
use std::os::fd::BorrowedFd;

use super::{gid_t, pid_t, uid_t};

/// The credentials of the process at the other end of a
/// [`UnixStream`](crate::UnixStream), as they were when it connected or listened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UCred {
    pid: Option<pid_t>,
    uid: uid_t,
    gid: gid_t,
}

impl UCred {
    /// The user of the process.
    #[must_use]
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// The group of the process.
    #[must_use]
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// The number of the process; `None` where the system does not tell.
    ///
    /// The process may have ended, and its number may belong to another by now.
    #[must_use]
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }

    /// The credentials of the peer of the stream socket `fd`.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[expect(
        unsafe_code,
        reason = "socket2 and the small part of rustix that is built lack the option"
    )]
    pub(crate) fn of_peer(fd: BorrowedFd<'_>) -> io::Result<UCred> {
        use std::os::fd::AsRawFd;

        let mut found = libc::ucred {
            pid: 0,
            uid: 0,
            gid: 0,
        };
        let mut length = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: the descriptor is open because it is borrowed; `found` is
        // writable for `length` bytes, and `length` is writable too.
        let failed = unsafe {
            libc::getsockopt(
                fd.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERCRED,
                (&raw mut found).cast(),
                &raw mut length,
            )
        };
        if failed != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(UCred {
            // Zero for a process that is in no namespace of ours.
            pid: Some(found.pid).filter(|pid| *pid != 0),
            uid: found.uid,
            gid: found.gid,
        })
    }

    /// The credentials of the peer of the stream socket `fd`.
    #[cfg(any(target_os = "illumos", target_os = "solaris"))]
    #[expect(unsafe_code, reason = "a system call that std has no safe form of")]
    pub(crate) fn of_peer(fd: BorrowedFd<'_>) -> io::Result<UCred> {
        use std::os::fd::AsRawFd;

        let mut found = std::ptr::null_mut();
        // SAFETY: the descriptor is open because it is borrowed; `found` is
        // writable, and null asks for a fresh value.
        let failed = unsafe { libc::getpeerucred(fd.as_raw_fd(), &raw mut found) };
        if failed != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `found` is what the call gave, until it is freed below.
        let pid = unsafe { libc::ucred_getpid(found) };
        // SAFETY: as above.
        let uid = unsafe { libc::ucred_geteuid(found) };
        // SAFETY: as above.
        let gid = unsafe { libc::ucred_getegid(found) };
        // SAFETY: as above; nothing uses it afterwards.
        unsafe { libc::ucred_free(found) };
        Ok(UCred {
            pid: Some(pid).filter(|pid| *pid > 0),
            uid,
            gid,
        })
    }

    /// The credentials of the peer of the stream socket `fd`.
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "illumos",
        target_os = "solaris"
    )))]
    #[expect(unsafe_code, reason = "a system call that std has no safe form of")]
    pub(crate) fn of_peer(fd: BorrowedFd<'_>) -> io::Result<UCred> {
        use std::os::fd::AsRawFd;

        let (mut uid, mut gid) = (0, 0);
        // SAFETY: the descriptor is open because it is borrowed; both numbers
        // are writable.
        let failed = unsafe { libc::getpeereid(fd.as_raw_fd(), &raw mut uid, &raw mut gid) };
        if failed != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(UCred {
            pid: None,
            uid,
            gid,
        })
    }
}
