//! tokio's and hyper's IO traits on the streams of this crate, without a wrapper.

use crate::unix::pipe;
use crate::{TcpStream, UnixStream, tcp, unix};

/// Calls `$with` for every stream that can be read.
macro_rules! readers {
    ($with:path) => {
        $with!([] TcpStream);
        $with!([] tcp::ReadHalf<'_>);
        $with!([] tcp::OwnedReadHalf);
        $with!([] UnixStream);
        $with!([] unix::ReadHalf<'_>);
        $with!([] unix::OwnedReadHalf);
        $with!([] pipe::Receiver);
    };
}

/// Calls `$with` for every stream that can be written.
macro_rules! writers {
    ($with:path) => {
        $with!([] TcpStream);
        $with!([] tcp::WriteHalf<'_>);
        $with!([] tcp::OwnedWriteHalf);
        $with!([] UnixStream);
        $with!([] unix::WriteHalf<'_>);
        $with!([] unix::OwnedWriteHalf);
        $with!([] pipe::Sender);
    };
}

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use super::*;

    readers!(sinew_io::impl_tokio_read);
    writers!(sinew_io::impl_tokio_write);
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use super::*;

    readers!(sinew_io::impl_hyper_read);
    writers!(sinew_io::impl_hyper_write);
}
