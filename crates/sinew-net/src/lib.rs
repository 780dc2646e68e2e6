//! TCP, UDP, Unix sockets and pipes for async code, under any executor.
//!
//! | you want to | look at |
//! |---|---|
//! | serve connections | [`TcpListener`], [`UnixListener`] |
//! | connect to someone | [`TcpStream`], [`UnixStream`] |
//! | send and receive packets | [`UdpSocket`], [`UnixDatagram`], [`unix::UnixSeqpacket`] |
//! | send and receive frames in packets | `udp::UdpFramed`, with feature `codec` |
//! | set options before either | [`TcpSocket`], [`UnixSocket`] |
//! | read in one task and write in another | [`TcpStream::into_split`], [`tcp`], [`unix`] |
//! | talk through a pipe | [`unix::pipe`] |
//! | look up a host name | [`lookup_host`], [`ToSocketAddrs`] |
//! | run the same code on a network of your own | [`provider`] |
//! | test without ports | [`memory`] |
//! | find the system's number in an error | [`raw_os_error`], [`FailedAttempt`] |
//!
//! The sockets wait through `sinew-reactor`: on the reactor that a runtime has
//! entered on the thread, or else on the default one, which has a thread of its
//! own. Which executor polls them does not matter, and none has to be named.
//!
//! # When not to use this crate
//!
//! A program that uses more of sinew than its sockets should depend on `sinew`,
//! which re-exports this crate as `sinew::net`. For one connection at a time,
//! `std::net` does with less. Descriptors of other kinds go into
//! `sinew_reactor::Async`.
//!
//! # Example
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt, future::try_join};
//! use sinew_net::{TcpListener, TcpStream};
//!
//! futures::executor::block_on(async {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let addr = listener.local_addr()?;
//!
//!     let server = async {
//!         let (stream, _) = listener.accept().await?;
//!         // Send everything back, until the peer closes its direction.
//!         futures::io::copy(&stream, &mut &stream).await
//!     };
//!     let client = async {
//!         let mut stream = TcpStream::connect(addr).await?;
//!         stream.write_all(b"echo").await?;
//!         stream.close().await?;
//!         let mut answer = String::new();
//!         stream.read_to_string(&mut answer).await?;
//!         assert_eq!(answer, "echo");
//!         std::io::Result::Ok(())
//!     };
//!     try_join(server, client).await
//! }).unwrap();
//! ```

#![cfg(unix)]
#![deny(unsafe_code)]

mod accept;
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod addr;
mod connecting;
mod datagram;
mod error;
mod lookup;
mod pause;
mod splice;
mod stream;
mod sys;
mod unwind;

pub mod memory;
pub mod provider;
pub mod tcp;
pub mod udp;
pub mod unix;

pub use addr::{ToSocketAddrs, lookup_host};
pub use sinew_core::error::{FailedAttempt, raw_os_error};
pub use sinew_reactor::{Interest, Ready};
pub use tcp::{TcpListener, TcpSocket, TcpStream};
pub use udp::UdpSocket;
pub use unix::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
