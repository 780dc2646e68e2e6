//! The public behaviour of `sinew-sync`.

mod notify;
