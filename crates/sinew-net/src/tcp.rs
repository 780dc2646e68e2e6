//! TCP sockets, and what goes with them: halves of a stream, connections as a
//! stream.

mod connect;
mod incoming;
mod listener;
mod pause;
mod socket;
mod split;
mod split_owned;
mod stream;
mod virtual_listener;
mod virtual_stream;

pub use incoming::{Incoming, IntoIncoming};
pub use listener::TcpListener;
pub use socket::TcpSocket;
pub use split::{ReadHalf, WriteHalf};
pub use split_owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use stream::TcpStream;
