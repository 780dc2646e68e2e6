//! tokio's and hyper's IO traits, without a wrapper.

use std::io::{Read, Write};

use super::UnblockIo;

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use std::io::Seek;

    use super::*;

    sinew_io::impl_tokio_read!([T: Read + Send + 'static] UnblockIo<T>);
    sinew_io::impl_tokio_write!([T: Write + Send + 'static] UnblockIo<T>);
    sinew_io::impl_tokio_seek!([T: Seek + Send + 'static] UnblockIo<T>, |me| &mut me
        .get_mut()
        .seeking);
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use super::*;

    sinew_io::impl_hyper_read!([T: Read + Send + 'static] UnblockIo<T>);
    sinew_io::impl_hyper_write!([T: Write + Send + 'static] UnblockIo<T>);
}
