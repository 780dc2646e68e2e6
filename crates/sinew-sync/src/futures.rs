//! The futures that have names, because some of their users need to name them.

pub use crate::notify::{Notified, OwnedNotified};
