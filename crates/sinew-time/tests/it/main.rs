//! The surface of the crate, as a program uses it.

mod cancel;
mod default_timers;
mod delay_queue;
mod instant;
mod interval;
mod leaf;
mod paused;
mod paused_runtime;
mod sleep;
mod stream;
mod timeout;
mod virtual_time;
