//! The surface of the crate, as a program uses it.

mod default_timers;
mod instant;
mod interval;
mod leaf;
mod paused;
mod paused_runtime;
mod sleep;
mod timeout;
mod virtual_time;
