//! Guards that cancel when they are dropped.

use std::mem::ManuallyDrop;

use crate::CancellationToken;

/// Cancels its token when it is dropped. Made by [`CancellationToken::drop_guard`].
#[derive(Debug)]
#[must_use = "the token is cancelled at once"]
pub struct DropGuard {
    token: CancellationToken,
    armed: bool,
}

impl DropGuard {
    pub(super) fn new(token: CancellationToken) -> DropGuard {
        DropGuard { token, armed: true }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Gives the token back, without cancelling it.
    pub fn disarm(mut self) -> CancellationToken {
        self.armed = false;
        self.token.clone()
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if self.armed {
            self.token.cancel();
        }
    }
}

/// Cancels its token, which it borrows, when it is dropped. Made by
/// [`CancellationToken::drop_guard_ref`].
#[derive(Debug)]
#[must_use = "the token is cancelled at once"]
pub struct DropGuardRef<'a> {
    token: &'a CancellationToken,
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> DropGuardRef<'a> {
        DropGuardRef { token }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        self.token
    }

    /// Gives the token back, without cancelling it.
    pub fn disarm(self) -> &'a CancellationToken {
        ManuallyDrop::new(self).token
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        self.token.cancel();
    }
}
