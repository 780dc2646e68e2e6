//! A channel without a bound.

use super::chan::Chan;
use super::ends::ends;
use super::error::SendError;

/// Makes a channel that holds as many values as memory does. If the receiver is
/// slower than the senders for long, it grows for long: [`channel`](super::channel) does
/// not.
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let chan = Chan::new(None);
    let sender = UnboundedSender { chan: chan.clone() };
    (sender, UnboundedReceiver { chan })
}

ends!(UnboundedSender, WeakUnboundedSender, UnboundedReceiver);

impl<T> UnboundedSender<T> {
    /// Sends a value.
    ///
    /// # Errors
    ///
    /// When the receiver was closed or dropped; gives the value back.
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(message));
        }
        self.chan.push(message);
        Ok(())
    }
}
