//! A server that speaks Redis' protocol (RESP2), well enough for `redis-cli`,
//! `redis-benchmark` and the clients of most languages.
//!
//! From the wire inwards:
//!
//! | module | what it does | IO |
//! |---|---|---|
//! | [`request`] | bytes to requests, in any chunks, within limits | none |
//! | [`reply`] | replies to bytes and back | none |
//! | [`command`] | the table of commands, and what each does | none |
//! | [`database`] | keys, values and when they expire | a timer |
//! | [`pubsub`] | who listens to what | none |
//! | [`client`] | what others see of a connection: its mailbox, its end | none |
//! | [`connection`] | one client: read, execute, write | yes |
//! | [`server`] | the listener, the limit on connections, the end | yes |
//!
//! # When not to use this crate
//!
//! As a database. It is an example: nothing is stored on disk, and there is one
//! type of value.

pub mod args;
pub mod client;
pub mod command;
pub mod connection;
pub mod database;
pub mod number;
pub mod output;
pub mod pattern;
pub mod pubsub;
pub mod reply;
pub mod request;
pub mod server;
