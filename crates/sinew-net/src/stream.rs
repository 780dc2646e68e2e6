//! What streams of every family have in common.
//!
//! [`Conn`] is a connection: the operating system's or a virtual network's. It
//! knows a [`Transport`], which is what differs between TCP and Unix sockets.
//! The public types wrap a `Conn`; the macros in `face` and `halves` write their
//! methods, so that each is described and done once.

mod conn;
pub(crate) mod face;
pub(crate) mod halves;
mod transport;
mod virtual_arm;

pub(crate) use conn::{Conn, Socket};
pub(crate) use transport::Transport;
pub(crate) use virtual_arm::{TTL, Virtual};
