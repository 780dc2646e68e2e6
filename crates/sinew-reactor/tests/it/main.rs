//! What the crate promises, on real descriptors, over each backend.

#![cfg(unix)]

mod async_fd;
mod default;
mod life;
mod noise;
mod room;
mod shutdown;
mod streams;
mod support;
mod traits;
mod turns;
mod waits;
