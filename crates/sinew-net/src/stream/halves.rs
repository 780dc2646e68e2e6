//! The two directions of a stream: borrowed, and each with an owner.

/// What every half can do.
macro_rules! half {
    ($Half:ty, $Stream:ident, $Addr:ty) => {
        impl $Half {
            #[doc = concat!("Waits for readiness; see [`", stringify!($Stream), "::ready`].")]
            ///
            /// # Errors
            ///
            /// When the reactor has been shut down.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                self.as_ref().ready(interest).await
            }

            /// The address of the other end.
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($Stream), "::peer_addr`].")]
            pub fn peer_addr(&self) -> io::Result<$Addr> {
                self.as_ref().peer_addr()
            }

            /// The address of this end.
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($Stream), "::local_addr`].")]
            pub fn local_addr(&self) -> io::Result<$Addr> {
                self.as_ref().local_addr()
            }
        }
    };
}

/// What the reading halves can do.
macro_rules! read_half {
    ($Half:ty, $Stream:ident) => {
        impl $Half {
            #[doc = concat!("Waits until there is something to read; see [`", stringify!($Stream), "::readable`].")]
            ///
            /// # Errors
            ///
            /// When the reactor has been shut down.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays.
            pub async fn readable(&self) -> io::Result<()> {
                self.as_ref().readable().await
            }

            #[doc = concat!("Reads without waiting; see [`", stringify!($Stream), "::try_read`].")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($Stream), "::try_read`].")]
            pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.as_ref().try_read(buf)
            }

            #[doc = concat!("Reads without waiting; see [`", stringify!($Stream), "::try_read_buf`].")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($Stream), "::try_read`].")]
            pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
                self.as_ref().try_read_buf(buf)
            }

            #[doc = concat!("Reads without waiting; see [`", stringify!($Stream), "::try_read_vectored`].")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($Stream), "::try_read`].")]
            pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                self.as_ref().try_read_vectored(bufs)
            }
        }

        impl AsyncRead for $Half {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().conn.poll_read(cx, buf)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().conn.poll_read_vectored(cx, bufs)
            }
        }
    };
}

/// What the writing halves can do, but for closing.
macro_rules! write_half {
    ($Half:ty, $Stream:ident) => {
        impl $Half {
            #[doc = concat!("Waits until there is room to write; see [`", stringify!($Stream), "::writable`].")]
            ///
            /// # Errors
            ///
            /// When the reactor has been shut down.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays.
            pub async fn writable(&self) -> io::Result<()> {
                self.as_ref().writable().await
            }

            #[doc = concat!("Writes without waiting; see [`", stringify!($Stream), "::try_write`].")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($Stream), "::try_write`].")]
            pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
                self.as_ref().try_write(buf)
            }

            #[doc = concat!("Writes without waiting; see [`", stringify!($Stream), "::try_write_vectored`].")]
            ///
            /// # Errors
            ///
            #[doc = concat!("As [`", stringify!($Stream), "::try_write`].")]
            pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                self.as_ref().try_write_vectored(bufs)
            }
        }

        impl AsyncWrite for $Half {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().conn.poll_write(cx, buf)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().conn.poll_write_vectored(cx, bufs)
            }

            /// There is nothing to flush.
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            /// Closes the sending direction. Again is fine.
            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.get_mut().close())
            }
        }
    };
}

/// The borrowed halves of `$Stream`.
macro_rules! borrowed_halves {
    ($Stream:ident, $Addr:ty) => {
        #[doc = concat!("The reading direction of a borrowed [`", stringify!($Stream), "`]. Made by\n[`", stringify!($Stream), "::split`].")]
        #[derive(Debug)]
        pub struct ReadHalf<'a>(&'a $Stream);

        #[doc = concat!("The writing direction of a borrowed [`", stringify!($Stream), "`]. Made by\n[`", stringify!($Stream), "::split`]. Dropping it closes nothing;")]
        /// [`poll_close`](AsyncWrite::poll_close) does.
        #[derive(Debug)]
        pub struct WriteHalf<'a>(&'a $Stream);

        half!(ReadHalf<'_>, $Stream, $Addr);
        half!(WriteHalf<'_>, $Stream, $Addr);
        read_half!(ReadHalf<'_>, $Stream);
        write_half!(WriteHalf<'_>, $Stream);

        impl WriteHalf<'_> {
            fn close(&mut self) -> io::Result<()> {
                self.0.conn.shutdown_write()
            }
        }

        impl AsRef<$Stream> for ReadHalf<'_> {
            fn as_ref(&self) -> &$Stream {
                self.0
            }
        }

        impl AsRef<$Stream> for WriteHalf<'_> {
            fn as_ref(&self) -> &$Stream {
                self.0
            }
        }

        impl $Stream {
            /// Lends the two directions to different owners, at no cost.
            ///
            /// With the `AsyncReadExt` of the `futures` crate in scope,
            #[doc = concat!("`stream.split()` is that trait's method, which takes the stream; write\n`", stringify!($Stream), "::split(&mut stream)` there.")]
            pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
                (ReadHalf(self), WriteHalf(self))
            }
        }
    };
}

/// The owned halves of `$Stream`.
macro_rules! owned_halves {
    ($Stream:ident, $Addr:ty) => {
        #[doc = concat!("The reading direction of a [`", stringify!($Stream), "`]. Made by\n[`", stringify!($Stream), "::into_split`].")]
        #[derive(Debug)]
        pub struct OwnedReadHalf {
            stream: Arc<$Stream>,
        }

        #[doc = concat!("The writing direction of a [`", stringify!($Stream), "`]. Made by\n[`", stringify!($Stream), "::into_split`].")]
        ///
        /// Dropping it closes the sending direction: the peer reads what was sent,
        /// then the end. [`forget`](Self::forget) leaves it open.
        #[derive(Debug)]
        pub struct OwnedWriteHalf {
            stream: Arc<$Stream>,
            close_on_drop: bool,
        }

        /// The halves given to `reunite` are not of the same stream. Gives them back.
        #[derive(Debug)]
        pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

        impl fmt::Display for ReuniteError {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the two halves are not of the same socket")
            }
        }

        impl Error for ReuniteError {}

        half!(OwnedReadHalf, $Stream, $Addr);
        half!(OwnedWriteHalf, $Stream, $Addr);
        read_half!(OwnedReadHalf, $Stream);
        write_half!(OwnedWriteHalf, $Stream);

        impl $Stream {
            /// Gives the two directions to different owners, which may be different
            /// tasks. Dropping the [`OwnedWriteHalf`] closes the sending direction.
            #[must_use]
            pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
                let stream = Arc::new(self);
                let read = OwnedReadHalf {
                    stream: Arc::clone(&stream),
                };
                let write = OwnedWriteHalf {
                    stream,
                    close_on_drop: true,
                };
                (read, write)
            }
        }

        fn reunite(read: OwnedReadHalf, write: OwnedWriteHalf) -> Result<$Stream, ReuniteError> {
            if !Arc::ptr_eq(&read.stream, &write.stream) {
                return Err(ReuniteError(read, write));
            }
            write.forget();
            // There were two owners, and one of them has just gone.
            let stream = Arc::into_inner(read.stream);
            Ok(stream.expect("the read half is the last owner"))
        }

        impl OwnedReadHalf {
            /// Puts the two halves of a stream together again.
            ///
            /// # Errors
            ///
            /// Gives both back when they are not of the same stream.
            pub fn reunite(self, other: OwnedWriteHalf) -> Result<$Stream, ReuniteError> {
                reunite(self, other)
            }
        }

        impl OwnedWriteHalf {
            /// Puts the two halves of a stream together again.
            ///
            /// # Errors
            ///
            /// Gives both back when they are not of the same stream.
            pub fn reunite(self, other: OwnedReadHalf) -> Result<$Stream, ReuniteError> {
                reunite(other, self)
            }

            /// Drops the half without closing the sending direction. It closes with
            /// the connection, when the other half is dropped.
            pub fn forget(mut self) {
                self.close_on_drop = false;
            }

            fn close(&mut self) -> io::Result<()> {
                let closed = self.stream.conn.shutdown_write();
                if closed.is_ok() {
                    self.close_on_drop = false;
                }
                closed
            }
        }

        impl Drop for OwnedWriteHalf {
            fn drop(&mut self) {
                if self.close_on_drop {
                    // Fails only if there is no connection any more to close.
                    let _ = self.stream.conn.shutdown_write();
                }
            }
        }

        impl AsRef<$Stream> for OwnedReadHalf {
            fn as_ref(&self) -> &$Stream {
                &self.stream
            }
        }

        impl AsRef<$Stream> for OwnedWriteHalf {
            fn as_ref(&self) -> &$Stream {
                &self.stream
            }
        }
    };
}

pub(crate) use {borrowed_halves, half, owned_halves, read_half, write_half};
