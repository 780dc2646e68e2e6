//! The server from end to end.

mod client;
mod program;
mod raw;
mod server;
mod virtual_time;
