//! The async book's web server, grown into a program that one could run.
//!
//! The five steps of the book's last chapter are in `src/bin/step1-*.rs` to
//! `step5-*.rs`; each is best read as a diff against the one before. This
//! library is what comes after the fifth:
//!
//! | module | what is in it |
//! |---|---|
//! | [`args`] | the command line |
//! | [`request`] | what a client asks for, from the bytes of a request head |
//! | [`response`] | status lines, headers, the built-in pages |
//! | [`files`] | files below a root directory, and nothing else |
//! | [`drain`] | who is still connected, and telling them to stop |
//! | [`connection`] | one connection, over anything that reads and writes |
//! | [`server`] | the listener: a task for each connection, and a clean end |
//!
//! ```
//! use sinew::io::duplex;
//! use sinew::prelude::*;
//! use web_server::drain::Drain;
//! use web_server::files::Files;
//!
//! sinew::block_on(async {
//!     let (mut client, server) = duplex(4096);
//!     client.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
//!     client.shutdown().await?;
//!     web_server::connection::serve(server, &Files::none(), &Drain::new().enter()).await?;
//!     let mut answer = String::new();
//!     client.read_to_string(&mut answer).await?;
//!     assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
//!     std::io::Result::Ok(())
//! }).unwrap();
//! ```
//!
//! # When not to use this crate
//!
//! It is an example: it serves pages over HTTP/1 and knows no TLS, no ranges,
//! no caching headers and no compression. Behind a name on the internet, run a
//! server that has been at it for longer.

#![forbid(unsafe_code)]

pub mod args;
pub mod connection;
pub mod drain;
pub mod files;
pub mod request;
pub mod response;
pub mod server;
