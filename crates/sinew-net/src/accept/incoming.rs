//! The streams of a listener's connections, for each kind of listener.

/// Writes the stream that borrows the listener: its docs, its name, the listener
/// and what it accepts.
macro_rules! borrowed_incoming {
    ($(#[$doc:meta])* $Stream:ident, $Listener:ident, $Accepted:ident) => {
        $(#[$doc])*
        ///
        /// # Cancel safety
        ///
        /// No connection is lost between two polls: the stream holds none.
        #[must_use = "streams do nothing unless polled"]
        pub struct $Stream<'a> {
            listener: &'a $Listener,
            rest: crate::pause::Rest,
            location: &'static std::panic::Location<'static>,
        }

        impl<'a> $Stream<'a> {
            pub(super) fn new(
                listener: &'a $Listener,
                location: &'static std::panic::Location<'static>,
            ) -> Self {
                $Stream {
                    listener,
                    rest: crate::pause::Rest::default(),
                    location,
                }
            }
        }

        crate::accept::incoming::connections!($Stream<'_>, $Stream, $Accepted);
    };
}

/// Writes the stream that owns the listener: its docs, its name, the listener and
/// what it accepts.
macro_rules! owned_incoming {
    ($(#[$doc:meta])* $Stream:ident, $Listener:ident, $Accepted:ident) => {
        $(#[$doc])*
        ///
        /// # Cancel safety
        ///
        /// No connection is lost between two polls: the stream holds none.
        #[must_use = "streams do nothing unless polled"]
        pub struct $Stream {
            listener: $Listener,
            rest: crate::pause::Rest,
            location: &'static std::panic::Location<'static>,
        }

        impl $Stream {
            /// The connections of `listener`.
            #[track_caller]
            pub fn new(listener: $Listener) -> $Stream {
                $Stream {
                    listener,
                    rest: crate::pause::Rest::default(),
                    location: std::panic::Location::caller(),
                }
            }

            /// Gives the listener back. Connections that wait stay with it.
            #[must_use]
            pub fn into_inner(self) -> $Listener {
                self.listener
            }
        }

        crate::accept::incoming::connections!($Stream, $Stream, $Accepted);

        impl AsRef<$Listener> for $Stream {
            fn as_ref(&self) -> &$Listener {
                &self.listener
            }
        }

        impl AsMut<$Listener> for $Stream {
            fn as_mut(&mut self) -> &mut $Listener {
                &mut self.listener
            }
        }
    };
}

/// What the two do: a type, its name, and what it gives.
macro_rules! connections {
    ($Type:ty, $Name:ident, $Accepted:ident) => {
        impl futures_core::Stream for $Type {
            type Item = std::io::Result<$Accepted>;

            fn poll_next(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Self::Item>> {
                let this = self.get_mut();
                let accepted = this
                    .listener
                    .poll_accept_with(cx, &mut this.rest, this.location);
                accepted.map_ok(|(stream, _)| stream).map(Some)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (usize::MAX, None)
            }
        }

        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($Name))
                    .field(&self.listener)
                    .finish()
            }
        }
    };
}

pub(crate) use {borrowed_incoming, connections, owned_incoming};
