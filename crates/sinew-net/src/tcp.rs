//! TCP sockets, and what goes with them: halves of a stream, connections as a
//! stream.

mod connect;
mod halves;
mod incoming;
mod listener;
mod socket;
mod stream;

pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
pub use incoming::{Incoming, TcpListenerStream};
pub use listener::TcpListener;
pub use socket::TcpSocket;
pub use stream::TcpStream;
