//! What the sending ends of both kinds of channel have in common.

/// Makes a sending end and its weak kind, with the methods that both kinds of channel
/// have. `$make` is what the example makes a channel with.
macro_rules! sender {
    ($sender:ident, $weak:ident, $capacity:ty, $make:literal) => {
        /// The sending end of a channel. Clones send into the same channel.
        pub struct $sender<T> {
            pub(super) chan: super::chan::ChanRef<T, $capacity>,
        }

        impl<T> $sender<T> {
            #[inline]
            pub(super) fn chan(&self) -> &super::chan::Chan<T, $capacity> {
                self.chan.get()
            }

            /// Whether both send into the same channel.
            #[must_use]
            pub fn same_channel(&self, other: &Self) -> bool {
                self.chan == other.chan
            }

            /// A sender that does not keep the channel open.
            #[must_use = "a weak sender does nothing by itself"]
            pub fn downgrade(&self) -> $weak<T> {
                self.chan.add_weak();
                $weak { chan: self.chan }
            }

            /// How many senders there are, without weak ones.
            #[must_use]
            pub fn strong_count(&self) -> usize {
                self.chan().strong_count()
            }

            /// How many weak senders there are.
            #[must_use]
            pub fn weak_count(&self) -> usize {
                self.chan().weak_count()
            }
        }

        impl<T> Clone for $sender<T> {
            fn clone(&self) -> Self {
                self.chan.add_strong();
                $sender { chan: self.chan }
            }
        }

        impl<T> Drop for $sender<T> {
            fn drop(&mut self) {
                self.chan.drop_strong();
            }
        }

        /// A sender that does not keep the channel open.
        ///
        /// [`upgrade`](Self::upgrade) it to send.
        ///
        /// ```
        /// use sinew_sync::mpsc;
        ///
        #[doc = concat!(" let (tx, rx) = mpsc::", $make, ";")]
        /// let weak = tx.downgrade();
        /// assert!(weak.upgrade().is_some());
        /// drop(tx);
        /// assert!(weak.upgrade().is_none());
        /// # drop(rx);
        /// ```
        pub struct $weak<T> {
            chan: super::chan::ChanRef<T, $capacity>,
        }

        impl<T> $weak<T> {
            /// A sender, if there is still another.
            #[must_use]
            pub fn upgrade(&self) -> Option<$sender<T>> {
                let upgraded = self.chan.try_add_strong();
                upgraded.then(|| $sender { chan: self.chan })
            }

            /// How many senders there are, without weak ones.
            #[must_use]
            pub fn strong_count(&self) -> usize {
                self.chan.get().strong_count()
            }

            /// How many weak senders there are.
            #[must_use]
            pub fn weak_count(&self) -> usize {
                self.chan.get().weak_count()
            }
        }

        impl<T> Clone for $weak<T> {
            fn clone(&self) -> Self {
                self.chan.add_weak();
                $weak { chan: self.chan }
            }
        }

        impl<T> Drop for $weak<T> {
            fn drop(&mut self) {
                self.chan.drop_ref(super::chan::Holder::WeakSender);
            }
        }

        impl<T> std::fmt::Debug for $weak<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($weak)).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use sender;
