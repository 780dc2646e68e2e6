//! The web server from end to end.

mod network;
mod program;
mod virtual_time;
