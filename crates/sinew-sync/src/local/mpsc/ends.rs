//! What the ends of both kinds of channel have in common.

/// Makes the ends of a channel, with the methods that both kinds have.
macro_rules! ends {
    ($sender:ident, $weak:ident, $receiver:ident) => {
        /// The end that sends. Clones send into the same channel.
        pub struct $sender<T> {
            pub(super) chan: std::rc::Rc<super::chan::Chan<T>>,
        }

        impl<T> $sender<T> {
            /// Waits until the receiver is closed or dropped.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost when the future is dropped.
            #[track_caller]
            pub fn closed(&self) -> impl std::future::Future<Output = ()> {
                sinew_core::coop::cooperative(self.chan.closed(std::panic::Location::caller()))
            }

            /// Whether the receiver was closed or dropped.
            #[must_use]
            pub fn is_closed(&self) -> bool {
                self.chan.closed.get()
            }

            /// Whether both are of the same channel.
            #[must_use]
            pub fn same_channel(&self, other: &Self) -> bool {
                std::rc::Rc::ptr_eq(&self.chan, &other.chan)
            }

            /// A sender that does not keep the channel open.
            #[must_use]
            pub fn downgrade(&self) -> $weak<T> {
                $weak::new(self.chan.clone())
            }

            /// How many senders there are.
            #[must_use]
            pub fn strong_count(&self) -> usize {
                self.chan.senders.get()
            }

            /// How many weak senders there are.
            #[must_use]
            pub fn weak_count(&self) -> usize {
                self.chan.weak.get()
            }
        }

        impl<T> Clone for $sender<T> {
            fn clone(&self) -> Self {
                self.chan.add_sender();
                $sender {
                    chan: self.chan.clone(),
                }
            }
        }

        impl<T> Drop for $sender<T> {
            fn drop(&mut self) {
                self.chan.drop_sender();
            }
        }

        impl<T> std::fmt::Debug for $sender<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($sender))
                    .field("closed", &self.is_closed())
                    .finish_non_exhaustive()
            }
        }

        /// A sender that does not keep the channel open.
        pub struct $weak<T> {
            chan: std::rc::Rc<super::chan::Chan<T>>,
        }

        impl<T> $weak<T> {
            fn new(chan: std::rc::Rc<super::chan::Chan<T>>) -> Self {
                chan.weak.set(chan.weak.get() + 1);
                $weak { chan }
            }

            /// A sender, if there still is one.
            #[must_use]
            pub fn upgrade(&self) -> Option<$sender<T>> {
                if self.strong_count() == 0 {
                    return None;
                }
                self.chan.add_sender();
                let chan = self.chan.clone();
                Some($sender { chan })
            }

            /// How many senders there are.
            #[must_use]
            pub fn strong_count(&self) -> usize {
                self.chan.senders.get()
            }

            /// How many weak senders there are.
            #[must_use]
            pub fn weak_count(&self) -> usize {
                self.chan.weak.get()
            }
        }

        impl<T> Clone for $weak<T> {
            fn clone(&self) -> Self {
                $weak::new(self.chan.clone())
            }
        }

        impl<T> Drop for $weak<T> {
            fn drop(&mut self) {
                self.chan.weak.set(self.chan.weak.get() - 1);
            }
        }

        impl<T> std::fmt::Debug for $weak<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($weak)).finish_non_exhaustive()
            }
        }

        /// The end that receives. A `Stream` of the values.
        #[must_use = "a receiver that is dropped makes all sends fail"]
        pub struct $receiver<T> {
            pub(super) chan: std::rc::Rc<super::chan::Chan<T>>,
        }

        impl<T> $receiver<T> {
            /// Receives the next value, or waits for it. `None` when the channel is closed or
            /// without senders, and all that was sent has been received.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost when the future is dropped: a value stays in the channel until
            /// the future is ready.
            #[track_caller]
            pub fn recv(&mut self) -> impl std::future::Future<Output = Option<T>> {
                let location = std::panic::Location::caller();
                std::future::poll_fn(move |cx| self.chan.poll_recv(cx, location))
            }

            /// Receives what is there, at most `limit` values, and adds it to `buffer`; if
            /// nothing is, waits for the first. How many it were: 0 at the end, and if `limit`
            /// is 0.
            ///
            /// # Cancel safety
            ///
            /// As [`recv`](Self::recv).
            #[track_caller]
            pub fn recv_many(
                &mut self,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> impl std::future::Future<Output = usize> {
                let location = std::panic::Location::caller();
                std::future::poll_fn(move |cx| {
                    self.chan.poll_recv_many(cx, buffer, limit, location)
                })
            }

            /// Receives a value if there is one.
            ///
            /// # Errors
            ///
            /// When there is none now, or none will come.
            pub fn try_recv(&mut self) -> Result<T, super::error::TryRecvError> {
                self.chan.try_recv()
            }

            /// As [`recv`](Self::recv), as a poll function. Only the last waker is woken.
            #[track_caller]
            pub fn poll_recv(
                &mut self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<T>> {
                self.chan.poll_recv(cx, std::panic::Location::caller())
            }

            /// As [`recv_many`](Self::recv_many), as a poll function.
            #[track_caller]
            pub fn poll_recv_many(
                &mut self,
                cx: &mut std::task::Context<'_>,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> std::task::Poll<usize> {
                self.chan
                    .poll_recv_many(cx, buffer, limit, std::panic::Location::caller())
            }

            /// Makes all sends from now on fail. What was sent, and what has a place, before
            /// can still be received.
            pub fn close(&mut self) {
                self.chan.close();
            }

            /// Whether the channel is closed or without senders.
            #[must_use]
            pub fn is_closed(&self) -> bool {
                self.chan.closed.get() || self.chan.senders.get() == 0
            }

            /// Whether there is no value now.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many values there are now.
            #[must_use]
            pub fn len(&self) -> usize {
                self.chan.len()
            }

            /// How many senders there are.
            #[must_use]
            pub fn sender_strong_count(&self) -> usize {
                self.chan.senders.get()
            }

            /// How many weak senders there are.
            #[must_use]
            pub fn sender_weak_count(&self) -> usize {
                self.chan.weak.get()
            }
        }

        impl<T> futures_core::Stream for $receiver<T> {
            type Item = T;

            fn poll_next(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<T>> {
                self.get_mut().poll_recv(cx)
            }
        }

        impl<T> Drop for $receiver<T> {
            fn drop(&mut self) {
                self.chan.drop_receiver();
            }
        }

        impl<T> std::fmt::Debug for $receiver<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($receiver))
                    .field("len", &self.len())
                    .field("closed", &self.is_closed())
                    .finish()
            }
        }
    };
}

pub(super) use ends;
