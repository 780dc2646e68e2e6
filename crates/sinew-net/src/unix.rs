//! Unix sockets, and pipes: IO between processes of one machine.
//!
//! The socket types themselves stand in the crate's root; here is what goes with
//! them: addresses, credentials, halves of a stream, sequenced packets and
//! [pipes](pipe).
//!
//! # Names
//!
//! A Unix socket may be bound to a path in the file system, on Linux to an
//! abstract name, or to nothing. Wherever a path is asked for, one whose first
//! byte is zero means the abstract name that follows it. A path stays in the file
//! system when its socket is gone, and is in the way of the next one: remove it.
//!
//! # Descriptors sent along
//!
//! What a peer sends along with its bytes (`SCM_RIGHTS`) is closed by the kernel
//! when the bytes are read through these types; all bytes are read, and none
//! waits for the next. To receive descriptors, use
//! [`async_io`](crate::UnixStream::async_io) with `recvmsg`.

mod addr;
mod credentials;
mod datagram;
mod halves;
mod incoming;
mod listener;
pub mod pipe;
mod seqpacket;
mod socket;
mod stream;

pub use addr::SocketAddr;
pub use credentials::UCred;
pub use datagram::UnixDatagram;
pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
pub use incoming::{Incoming, UnixListenerStream};
pub use listener::UnixListener;
pub use seqpacket::{UnixSeqpacket, UnixSeqpacketListener};
pub use socket::UnixSocket;
pub use stream::UnixStream;

/// The number of a user.
#[expect(
    non_camel_case_types,
    reason = "the name that C and others have for it"
)]
pub type uid_t = u32;

/// The number of a group.
#[expect(
    non_camel_case_types,
    reason = "the name that C and others have for it"
)]
pub type gid_t = u32;

/// The number of a process or process group.
#[expect(
    non_camel_case_types,
    reason = "the name that C and others have for it"
)]
pub type pid_t = i32;
