//! The public methods that streams of every family have.

/// Writes them for `$Stream`, which has a field `conn` that is a
/// [`Conn`](super::Conn) of `$Std`.
macro_rules! stream_face {
    ($Stream:ident, $Std:ty, $Addr:ty) => {
        impl $Stream {
            /// Takes over a connection of the standard library. It is switched to
            /// non-blocking mode. A virtual network plays no part in this.
            ///
            /// # Errors
            ///
            /// When the reactor cannot be started or does not take the descriptor.
            #[track_caller]
            pub fn from_std(stream: $Std) -> io::Result<Self> {
                let conn = Conn::from_std(stream)?;
                Ok($Stream { conn })
            }

            /// Gives the connection back to the standard library. It stays in
            /// non-blocking mode: call its `set_nonblocking` if need be.
            ///
            /// # Errors
            ///
            /// [`Unsupported`](io::ErrorKind::Unsupported) when the stream belongs
            /// to a virtual network: it has no descriptor. Otherwise when the
            /// reactor does not let the descriptor go.
            pub fn into_std(self) -> io::Result<$Std> {
                self.conn.into_std()
            }

            /// The address of this end.
            ///
            /// # Errors
            ///
            /// The error of `getsockname`.
            pub fn local_addr(&self) -> io::Result<$Addr> {
                self.conn.local_addr()
            }

            /// The address of the other end.
            ///
            /// # Errors
            ///
            /// [`NotConnected`](io::ErrorKind::NotConnected) when the connection is
            /// gone, on some systems.
            pub fn peer_addr(&self) -> io::Result<$Addr> {
                self.conn.peer_addr()
            }

            /// Takes the error that waits to be reported (`SO_ERROR`), if there is
            /// one.
            ///
            /// # Errors
            ///
            /// The error of the system call itself.
            pub fn take_error(&self) -> io::Result<Option<io::Error>> {
                self.conn.take_error()
            }

            /// Waits until the connection is ready for any part of `interest`, and
            /// says for which. Readiness may be false: the operation can still fail
            /// with [`WouldBlock`](io::ErrorKind::WouldBlock), and then one waits
            /// again.
            ///
            /// # Errors
            ///
            /// When the reactor has been shut down.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays until an operation finds it false.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                self.conn.ready(interest).await
            }

            /// Waits until there is something to read, or the end of it.
            ///
            /// # Errors
            ///
            /// As [`ready`](Self::ready).
            ///
            /// # Cancel safety
            ///
            /// As [`ready`](Self::ready).
            pub async fn readable(&self) -> io::Result<()> {
                self.ready(Interest::READABLE).await.map(drop)
            }

            /// Waits until there is room to write, or the peer reads no more.
            ///
            /// # Errors
            ///
            /// As [`ready`](Self::ready).
            ///
            /// # Cancel safety
            ///
            /// As [`ready`](Self::ready).
            pub async fn writable(&self) -> io::Result<()> {
                self.ready(Interest::WRITABLE).await.map(drop)
            }

            /// As [`readable`](Self::readable), for those who write futures by hand.
            ///
            /// # Errors
            ///
            /// As [`ready`](Self::ready).
            pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.conn.poll_read_ready(cx)
            }

            /// As [`writable`](Self::writable), for those who write futures by hand.
            ///
            /// # Errors
            ///
            /// As [`ready`](Self::ready).
            pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.conn.poll_write_ready(cx)
            }

            /// Reads what has arrived, without waiting. Returns 0 when the peer has
            /// closed its direction, or `buf` is empty.
            ///
            #[doc = concat!(
                "```\nuse sinew_net::", stringify!($Stream), ";\n",
                "use std::io::ErrorKind;\n\n",
                "async fn read_some(stream: &", stringify!($Stream), ", buf: &mut [u8]) -> std::io::Result<usize> {\n",
                "    loop {\n",
                "        stream.readable().await?;\n",
                "        match stream.try_read(buf) {\n",
                "            Err(error) if error.kind() == ErrorKind::WouldBlock => {}\n",
                "            done => return done,\n",
                "        }\n",
                "    }\n",
                "}\n```"
            )]
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there, also
            /// when the reactor has not heard of it yet: wait for
            /// [`readable`](Self::readable) first. Otherwise as a read.
            pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.conn.try_read(buf)
            }

            /// As [`try_read`](Self::try_read), into several buffers, one after the
            /// other.
            ///
            /// # Errors
            ///
            /// As [`try_read`](Self::try_read).
            pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                self.conn.try_read_vectored(bufs)
            }

            /// As [`try_read`](Self::try_read), into the spare room of `buf`.
            ///
            /// # Errors
            ///
            /// As [`try_read`](Self::try_read).
            pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
                self.conn.try_read_buf(buf)
            }

            /// Sends what there is room for, without waiting, and says how much.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, also
            /// when the reactor has not heard of it yet: wait for
            /// [`writable`](Self::writable) first. Otherwise as a write.
            pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
                self.conn.try_write(buf)
            }

            /// As [`try_write`](Self::try_write), from several buffers, one after the
            /// other.
            ///
            /// # Errors
            ///
            /// As [`try_write`](Self::try_write).
            pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                self.conn.try_write_vectored(bufs)
            }

            /// Does an operation of one's own if the connection is ready for
            /// `interest`. When `f` fails with `WouldBlock`, the readiness counts as
            /// false and the next wait is a real one. So `f` must try the operation
            /// on this very connection, and fail with `WouldBlock` in no other case.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock) without calling `f` when the
            /// connection is not ready; otherwise the error of `f`.
            pub fn try_io<R>(
                &self,
                interest: Interest,
                f: impl FnOnce() -> io::Result<R>,
            ) -> io::Result<R> {
                self.conn.try_io(interest, f)
            }

            /// Waits for `interest` and does an operation of one's own, again until
            /// it does not fail with `WouldBlock`. `f` is bound by what
            /// [`try_io`](Self::try_io) says.
            ///
            /// # Errors
            ///
            /// The error of `f`, or of [`ready`](Self::ready).
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: what `f` has done is returned in the same poll.
            pub async fn async_io<R>(
                &self,
                interest: Interest,
                f: impl FnMut() -> io::Result<R>,
            ) -> io::Result<R> {
                self.conn.async_io(interest, f).await
            }
        }

        impl AsyncRead for $Stream {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.get_mut().conn.poll_read_exclusive(cx, buf)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                self.conn.poll_read_vectored(cx, bufs)
            }
        }

        impl AsyncRead for &$Stream {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.conn.poll_read(cx, buf)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                self.conn.poll_read_vectored(cx, bufs)
            }
        }

        impl AsyncWrite for $Stream {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.get_mut().conn.poll_write_exclusive(cx, buf)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.conn.poll_write_vectored(cx, bufs)
            }

            /// There is nothing to flush: what was written is the system's to send.
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            /// Closes the sending direction. Again is fine, and a connection that is
            /// gone already counts as closed.
            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.conn.shutdown_write())
            }
        }

        impl AsyncWrite for &$Stream {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.conn.poll_write(cx, buf)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.conn.poll_write_vectored(cx, bufs)
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.conn.shutdown_write())
            }
        }

        /// # Panics
        ///
        /// At the caller's line, when the stream belongs to a virtual network: it
        /// has no descriptor, and any that could be given instead would be somebody
        /// else's.
        impl AsFd for $Stream {
            #[track_caller]
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.conn.as_fd()
            }
        }

        /// # Panics
        ///
        /// As its [`AsFd`].
        impl AsRawFd for $Stream {
            #[track_caller]
            fn as_raw_fd(&self) -> RawFd {
                self.as_fd().as_raw_fd()
            }
        }

        impl TryFrom<$Std> for $Stream {
            type Error = io::Error;

            /// As its `from_std`.
            #[track_caller]
            fn try_from(stream: $Std) -> io::Result<Self> {
                $Stream::from_std(stream)
            }
        }

        impl AsRef<$Stream> for $Stream {
            fn as_ref(&self) -> &$Stream {
                self
            }
        }

        impl fmt::Debug for $Stream {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut out = f.debug_struct(stringify!($Stream));
                if let Ok(addr) = self.local_addr() {
                    out.field("addr", &addr);
                }
                if let Ok(peer) = self.peer_addr() {
                    out.field("peer", &peer);
                }
                match self.conn.number() {
                    Ok(fd) => out.field("fd", &fd),
                    Err(id) => out.field("virtual", &id),
                };
                out.finish()
            }
        }
    };
}

pub(crate) use stream_face;
