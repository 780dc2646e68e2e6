//! The public behaviour of `sinew-sync`.

mod channels;
mod notify;
mod stress;
