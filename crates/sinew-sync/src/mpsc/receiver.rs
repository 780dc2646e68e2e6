//! What the receiving ends of both kinds of channel have in common.

/// Makes a receiving end, with the methods that both kinds have. `$make` and `$send`
/// are what the examples make a channel with and send with.
macro_rules! receiver {
    ($receiver:ident, $capacity:ty, $make:literal, $send:literal) => {
        /// The receiving end of a channel; also a `Stream` of its values.
        ///
        /// Dropping it closes the channel and drops the values in it.
        pub struct $receiver<T> {
            rx: super::receive::Rx<T, $capacity>,
        }

        impl<T> $receiver<T> {
            pub(super) fn new(chan: super::chan::ChanRef<T, $capacity>) -> Self {
                $receiver {
                    rx: super::receive::Rx::new(chan),
                }
            }

            /// Receives the next value, waiting for it. `None` when nothing will come any
            /// more: all senders are gone, or the channel was [closed](Self::close), and
            /// all that was sent has been received.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost when the future is dropped: no value is taken before it is
            /// given out.
            ///
            /// # Examples
            ///
            /// ```
            /// use sinew_sync::mpsc;
            ///
            /// # sinew_core::block_on(async {
            #[doc = concat!(" let (tx, mut rx) = mpsc::", $make, ";")]
            #[doc = concat!(" tx.", $send, "(1).unwrap();")]
            /// drop(tx);
            /// assert_eq!(rx.recv().await, Some(1));
            /// assert_eq!(rx.recv().await, None);
            /// # });
            /// ```
            #[inline]
            #[track_caller]
            pub fn recv(&mut self) -> impl std::future::Future<Output = Option<T>> {
                self.rx.recv()
            }

            /// Receives up to `limit` values into `buffer`, waiting for the first. Gives
            /// how many were added: 0 when nothing will come any more, or `limit` is 0.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost when the future is dropped: no value is taken before it is
            /// in `buffer`, and then the future is ready.
            ///
            /// # Examples
            ///
            /// ```
            /// use sinew_sync::mpsc;
            ///
            /// # sinew_core::block_on(async {
            #[doc = concat!(" let (tx, mut rx) = mpsc::", $make, ";")]
            /// for i in 0..3 {
            #[doc = concat!("     tx.", $send, "(i).unwrap();")]
            /// }
            /// let mut values = Vec::new();
            /// assert_eq!(rx.recv_many(&mut values, 2).await, 2);
            /// assert_eq!(rx.recv_many(&mut values, 2).await, 1);
            /// assert_eq!(values, [0, 1, 2]);
            /// # });
            /// ```
            #[track_caller]
            pub fn recv_many(
                &mut self,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> impl std::future::Future<Output = usize> {
                self.rx.recv_many(buffer, limit)
            }

            /// Receives the next value if it is there. Every value whose sending had ended
            /// before this call is found.
            ///
            /// # Errors
            ///
            /// [`Empty`](super::error::TryRecvError::Empty) while more may come,
            /// [`Disconnected`](super::error::TryRecvError::Disconnected) when not.
            ///
            /// # Examples
            ///
            /// ```
            /// use sinew_sync::mpsc;
            /// use sinew_sync::mpsc::error::TryRecvError;
            ///
            #[doc = concat!(" let (tx, mut rx) = mpsc::", $make, ";")]
            /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
            #[doc = concat!(" tx.", $send, "(1).unwrap();")]
            /// assert_eq!(rx.try_recv(), Ok(1));
            /// drop(tx);
            /// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
            /// ```
            pub fn try_recv(&mut self) -> Result<T, super::error::TryRecvError> {
                self.rx.try_recv()
            }

            /// [`recv`](Self::recv) from a thread that is not async, which sleeps meanwhile.
            ///
            /// # Panics
            ///
            /// On a thread of a current-thread or local runtime, which would then wait
            /// for itself.
            ///
            /// # Examples
            ///
            /// ```
            /// use sinew_sync::mpsc;
            ///
            #[doc = concat!(" let (tx, mut rx) = mpsc::", $make, ";")]
            /// let thread = std::thread::spawn(move || rx.blocking_recv());
            #[doc = concat!(" tx.", $send, "(1).unwrap();")]
            /// assert_eq!(thread.join().unwrap(), Some(1));
            /// ```
            #[track_caller]
            pub fn blocking_recv(&mut self) -> Option<T> {
                self.rx
                    .blocking_recv(concat!(stringify!($receiver), "::blocking_recv"))
            }

            /// [`recv_many`](Self::recv_many) from a thread that is not async, which sleeps
            /// meanwhile.
            ///
            /// # Panics
            ///
            /// As [`blocking_recv`](Self::blocking_recv).
            #[track_caller]
            pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
                sinew_core::blocking::block_on(
                    concat!(stringify!($receiver), "::blocking_recv_many"),
                    "recv_many(..).await",
                    self.recv_many(buffer, limit),
                )
            }

            /// Whether no value waits.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many values wait.
            #[must_use]
            pub fn len(&self) -> usize {
                self.rx.len()
            }

            /// [`recv`](Self::recv) as a poll function. Only the task of the latest call is
            /// woken. A `Pending` may also mean that the task's budget is used up.
            #[track_caller]
            pub fn poll_recv(
                &mut self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<T>> {
                self.rx.poll_recv(cx, std::panic::Location::caller())
            }

            /// [`recv_many`](Self::recv_many) as a poll function. Only the task of the
            /// latest call is woken.
            #[track_caller]
            pub fn poll_recv_many(
                &mut self,
                cx: &mut std::task::Context<'_>,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> std::task::Poll<usize> {
                self.rx
                    .poll_recv_many(cx, buffer, limit, std::panic::Location::caller())
            }

            /// How many senders there are, without weak ones.
            #[must_use]
            pub fn sender_strong_count(&self) -> usize {
                self.rx.chan().strong_count()
            }

            /// How many weak senders there are.
            #[must_use]
            pub fn sender_weak_count(&self) -> usize {
                self.rx.chan().weak_count()
            }
        }

        impl<T> futures_core::Stream for $receiver<T> {
            type Item = T;

            fn poll_next(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<T>> {
                self.poll_recv(cx)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.len(), None)
            }
        }

        impl<T> Drop for $receiver<T> {
            fn drop(&mut self) {
                self.close();
                self.rx.drain();
            }
        }

        impl<T> std::fmt::Debug for $receiver<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($receiver))
                    .field("len", &self.len())
                    .field("closed", &self.is_closed())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use receiver;
