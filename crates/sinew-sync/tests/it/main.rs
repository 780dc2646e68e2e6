//! The public behaviour of `sinew-sync`.

mod cancel_channels;
mod cancel_local;
mod cancel_locks;
mod cancel_values;
mod channels;
mod locks;
mod memory;
mod models;
mod notify;
mod streams;
mod stress;
mod waits;
