//! tokio's and hyper's IO traits on what is scripted, without a wrapper.

use futures_io::{AsyncRead, AsyncWrite};

use super::{Mock, Scripted};

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use futures_io::AsyncSeek;

    use super::*;

    sinew_io::impl_tokio_read!([] Mock);
    sinew_io::impl_tokio_write!([] Mock);
    sinew_io::impl_tokio_read!([T: AsyncRead + Unpin] Scripted<T>);
    sinew_io::impl_tokio_write!([T: AsyncWrite + Unpin] Scripted<T>);
    sinew_io::impl_tokio_seek!([T: AsyncSeek + Unpin] Scripted<T>, |me| me.get_mut().seek_slot());
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use super::*;

    sinew_io::impl_hyper_read!([] Mock);
    sinew_io::impl_hyper_write!([] Mock);
    sinew_io::impl_hyper_read!([T: AsyncRead + Unpin] Scripted<T>);
    sinew_io::impl_hyper_write!([T: AsyncWrite + Unpin] Scripted<T>);
}
