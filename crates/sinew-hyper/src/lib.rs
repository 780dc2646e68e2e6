//! What hyper 1 asks of a runtime, beside streams: somebody who runs its tasks, and a clock.
//!
//! | hyper wants | give it |
//! |---|---|
//! | an `rt::Executor` | [`Executor`], or [`LocalExecutor`] for what is not `Send` |
//! | an `rt::Timer` | [`Timer`] |
//! | `rt::Read` and `rt::Write` | any stream of sinew, with the feature `hyper` of its crate |
//!
//! ```
//! use http_body_util::Empty;
//! use hyper::body::{Bytes, Incoming};
//! use hyper::service::service_fn;
//! use hyper::{Request, Response};
//! use sinew_io::duplex;
//!
//! # sinew_runtime::block_on(async {
//! // Any two ends of a connection; a `TcpStream` does as well.
//! let (near, far) = duplex(4096);
//!
//! let hello = |_: Request<Incoming>| async { Ok::<_, std::io::Error>(Response::new("hello".to_owned())) };
//! let server = hyper::server::conn::http1::Builder::new()
//!     .timer(sinew_hyper::Timer)
//!     .serve_connection(far, service_fn(hello));
//! sinew_runtime::spawn(server);
//!
//! let (mut client, connection) = hyper::client::conn::http1::handshake(near).await?;
//! sinew_runtime::spawn(connection);
//! let response = client.send_request(Request::new(Empty::<Bytes>::new())).await?;
//! assert_eq!(response.status(), 200);
//! # hyper::Result::Ok(()) }).unwrap();
//! ```
//!
//! # When not to use this crate
//!
//! Through `sinew`, whose feature `hyper` gives it as `sinew::hyper` and turns on the traits of
//! all streams as well.

#![forbid(unsafe_code)]

mod executor;
mod timer;

pub use self::executor::{Executor, LocalExecutor};
pub use self::timer::Timer;
