//! The two directions of a Unix stream.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BufMut;
use futures_io::{AsyncRead, AsyncWrite};

use super::{SocketAddr, UnixStream};
use crate::stream::halves::{borrowed_halves, half, owned_halves, read_half, write_half};
use crate::{Interest, Ready};

borrowed_halves!(UnixStream, SocketAddr);
owned_halves!(UnixStream, SocketAddr);
