//! The public methods that packet sockets of every family have.

/// Writes for `$Socket`, which has a field `dgram` that is a
/// [`Dgram`](super::Dgram), what needs no address of a packet.
macro_rules! packet_face {
    ($Socket:ident, $Addr:ty) => {
        impl $Socket {
            /// Its own address.
            ///
            /// # Errors
            ///
            /// The error of `getsockname`.
            pub fn local_addr(&self) -> io::Result<$Addr> {
                self.dgram.side().local_addr()
            }

            /// The address that it is connected to.
            ///
            /// # Errors
            ///
            /// [`NotConnected`](io::ErrorKind::NotConnected) when it is not.
            pub fn peer_addr(&self) -> io::Result<$Addr> {
                self.dgram.side().peer_addr()
            }

            /// Takes the error that waits to be reported (`SO_ERROR`), if there is
            /// one.
            ///
            /// # Errors
            ///
            /// The error of the system call itself.
            pub fn take_error(&self) -> io::Result<Option<io::Error>> {
                self.dgram.side().take_error()
            }

            /// Waits until the socket is ready for any part of `interest`, and says
            /// for which. Readiness may be false: the operation can still fail with
            /// [`WouldBlock`](io::ErrorKind::WouldBlock), and then one waits again.
            ///
            /// # Errors
            ///
            /// When the reactor has been shut down.
            ///
            /// # Cancel safety
            ///
            /// Nothing is lost: readiness stays until an operation finds it false.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                self.dgram.ready(interest).await
            }

            /// Waits until there is something to receive.
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

            /// Waits until there is room to send.
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
            pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.dgram.poll_ready(cx, Interest::READABLE)
            }

            /// As [`writable`](Self::writable), for those who write futures by hand.
            ///
            /// # Errors
            ///
            /// As [`ready`](Self::ready).
            pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.dgram.poll_ready(cx, Interest::WRITABLE)
            }

            /// Sends a packet to the peer, whole; says how long it was.
            ///
            /// # Errors
            ///
            /// [`NotConnected`](io::ErrorKind::NotConnected) and the like when there
            /// is no peer, [`ConnectionRefused`](io::ErrorKind::ConnectionRefused)
            /// when an earlier packet found nobody, the system's error for a packet
            /// that is too long.
            ///
            /// # Cancel safety
            ///
            /// A future that is dropped before it is done has sent nothing.
            pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
                self.dgram
                    .run(Interest::WRITABLE, |side| side.send(buf))
                    .await
            }

            /// As [`send`](Self::send), for those who write futures by hand.
            ///
            /// # Errors
            ///
            /// As [`send`](Self::send).
            pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                self.dgram
                    .poll(cx, Interest::WRITABLE, |side| side.send(buf))
            }

            /// As [`send`](Self::send), without waiting.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, also
            /// when the reactor has not heard of it yet; otherwise as
            /// [`send`](Self::send).
            pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
                self.dgram
                    .attempt(Interest::WRITABLE, |side| side.send(buf))
            }

            /// Takes the next packet; says how long it was. What does not fit into
            /// `buf` is lost.
            ///
            /// # Errors
            ///
            /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when an
            /// earlier packet found nobody, and others of the system.
            ///
            /// # Cancel safety
            ///
            /// A future that is dropped before it is done has taken nothing.
            pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.dgram
                    .run(Interest::READABLE, |side| side.recv(buf))
                    .await
            }

            /// As [`recv`](Self::recv), for those who write futures by hand.
            ///
            /// # Errors
            ///
            /// As [`recv`](Self::recv).
            pub fn poll_recv(
                &self,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.dgram
                    .poll(cx, Interest::READABLE, |side| side.recv(buf))
            }

            /// As [`recv`](Self::recv), without waiting.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there, also
            /// when the reactor has not heard of it yet; otherwise as
            /// [`recv`](Self::recv).
            pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.dgram
                    .attempt(Interest::READABLE, |side| side.recv(buf))
            }

            /// As [`recv`](Self::recv), into the spare room of `buf`.
            ///
            /// # Errors
            ///
            /// As [`recv`](Self::recv).
            ///
            /// # Cancel safety
            ///
            /// As [`recv`](Self::recv).
            pub async fn recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
                self.dgram
                    .run(Interest::READABLE, |side| side.recv_buf(buf))
                    .await
            }

            /// As [`try_recv`](Self::try_recv), into the spare room of `buf`.
            ///
            /// # Errors
            ///
            /// As [`try_recv`](Self::try_recv).
            pub fn try_recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
                self.dgram
                    .attempt(Interest::READABLE, |side| side.recv_buf(buf))
            }

            /// Does an operation of one's own if the socket is ready for `interest`.
            /// When `f` fails with `WouldBlock`, the readiness counts as false and
            /// the next wait is a real one. So `f` must try the operation on this
            /// very socket, and fail with `WouldBlock` in no other case.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](io::ErrorKind::WouldBlock) without calling `f` when the
            /// socket is not ready; otherwise the error of `f`.
            pub fn try_io<R>(
                &self,
                interest: Interest,
                f: impl FnOnce() -> io::Result<R>,
            ) -> io::Result<R> {
                self.dgram.try_io(interest, f)
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
                self.dgram.async_io(interest, f).await
            }
        }

        impl fmt::Debug for $Socket {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut out = f.debug_struct(stringify!($Socket));
                if let Ok(addr) = self.local_addr() {
                    out.field("addr", &addr);
                }
                if let Ok(peer) = self.peer_addr() {
                    out.field("peer", &peer);
                }
                match self.dgram.number() {
                    Ok(fd) => out.field("fd", &fd),
                    Err(id) => out.field("virtual", &id),
                };
                out.finish()
            }
        }

        /// # Panics
        ///
        /// At the caller's line, when the socket belongs to a virtual network: it
        /// has no descriptor, and any that could be given instead would be somebody
        /// else's.
        impl AsFd for $Socket {
            #[track_caller]
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.dgram.as_fd()
            }
        }

        /// # Panics
        ///
        /// As its [`AsFd`].
        impl AsRawFd for $Socket {
            #[track_caller]
            fn as_raw_fd(&self) -> RawFd {
                self.as_fd().as_raw_fd()
            }
        }
    };
}

/// Writes for `$Socket` what tells senders apart, and the ways from and to `$Std`.
macro_rules! addressed_face {
    ($Socket:ident, $Std:ty, $Addr:ty) => {
        impl $Socket {
            /// Takes over a socket of the standard library. It is switched to
            /// non-blocking mode. A virtual network plays no part in this.
            ///
            /// # Errors
            ///
            /// When the reactor cannot be started or does not take the descriptor.
            #[track_caller]
            pub fn from_std(socket: $Std) -> io::Result<Self> {
                let dgram = Dgram::from_std(socket)?;
                Ok($Socket { dgram })
            }

            /// Gives the socket back to the standard library. It stays in
            /// non-blocking mode: call its `set_nonblocking` if need be.
            ///
            /// # Errors
            ///
            /// [`Unsupported`](io::ErrorKind::Unsupported) when the socket belongs to
            /// a virtual network: it has no descriptor. Otherwise when the reactor
            /// does not let the descriptor go.
            pub fn into_std(self) -> io::Result<$Std> {
                self.dgram.into_std()
            }

            /// As [`recv`](Self::recv); says also from whom the packet is.
            ///
            /// # Errors
            ///
            /// As [`recv`](Self::recv).
            ///
            /// # Cancel safety
            ///
            /// As [`recv`](Self::recv).
            pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, $Addr)> {
                self.dgram
                    .run(Interest::READABLE, |side| side.recv_from(buf))
                    .await
            }

            /// As [`recv_from`](Self::recv_from), for those who write futures by hand.
            ///
            /// # Errors
            ///
            /// As [`recv`](Self::recv).
            pub fn poll_recv_from(
                &self,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<(usize, $Addr)>> {
                self.dgram
                    .poll(cx, Interest::READABLE, |side| side.recv_from(buf))
            }

            /// As [`recv_from`](Self::recv_from), without waiting.
            ///
            /// # Errors
            ///
            /// As [`try_recv`](Self::try_recv).
            pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, $Addr)> {
                self.dgram
                    .attempt(Interest::READABLE, |side| side.recv_from(buf))
            }

            /// As [`recv_from`](Self::recv_from), into the spare room of `buf`.
            ///
            /// # Errors
            ///
            /// As [`recv`](Self::recv).
            ///
            /// # Cancel safety
            ///
            /// As [`recv`](Self::recv).
            pub async fn recv_buf_from<B: BufMut>(
                &self,
                buf: &mut B,
            ) -> io::Result<(usize, $Addr)> {
                self.dgram
                    .run(Interest::READABLE, |side| side.recv_buf_from(buf))
                    .await
            }

            /// As [`try_recv_from`](Self::try_recv_from), into the spare room of `buf`.
            ///
            /// # Errors
            ///
            /// As [`try_recv`](Self::try_recv).
            pub fn try_recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, $Addr)> {
                self.dgram
                    .attempt(Interest::READABLE, |side| side.recv_buf_from(buf))
            }
        }

        impl TryFrom<$Std> for $Socket {
            type Error = io::Error;

            /// As its `from_std`.
            #[track_caller]
            fn try_from(socket: $Std) -> io::Result<Self> {
                $Socket::from_std(socket)
            }
        }
    };
}

pub(crate) use {addressed_face, packet_face};
