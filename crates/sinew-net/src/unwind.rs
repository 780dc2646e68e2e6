//! Sockets may be used after a panic was caught around them: an operation that is
//! broken off by a panic has given its bytes to the system or it has not, as with
//! any error. What keeps the compiler from seeing this by itself are the wakers in
//! the source of the readiness, and the virtual arms.

use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::tcp::TcpListenerStream;
use crate::unix::pipe::{Receiver, Sender};
use crate::unix::{UnixListenerStream, UnixSeqpacket, UnixSeqpacketListener};
use crate::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use crate::{UnixDatagram, UnixListener, UnixSocket, UnixStream};

macro_rules! unwind_safe {
    ($($Socket:ty),+ $(,)?) => {$(
        impl UnwindSafe for $Socket {}
        impl RefUnwindSafe for $Socket {}
    )+};
}

unwind_safe!(
    TcpListener,
    TcpListenerStream,
    TcpSocket,
    TcpStream,
    UdpSocket,
    UnixDatagram,
    UnixListener,
    UnixListenerStream,
    UnixSocket,
    UnixStream,
    UnixSeqpacket,
    UnixSeqpacketListener,
    Sender,
    Receiver,
);

#[cfg(test)]
mod tests {
    use super::{RefUnwindSafe, UnwindSafe};
    use crate::{TcpListener, TcpStream, UdpSocket, tcp, unix};

    #[test]
    fn sockets_and_halves_are_unwind_safe() {
        fn check<T: UnwindSafe + RefUnwindSafe>() {}
        check::<TcpListener>();
        check::<TcpStream>();
        check::<UdpSocket>();
        check::<tcp::TcpListenerStream>();
        check::<tcp::OwnedReadHalf>();
        check::<tcp::WriteHalf<'_>>();
        check::<unix::OwnedWriteHalf>();
        check::<unix::pipe::Receiver>();
    }
}
