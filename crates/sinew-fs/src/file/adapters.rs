//! tokio's and hyper's IO traits on files, without a wrapper.

use super::File;

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use super::*;

    sinew_io::impl_tokio_read!([] File);
    sinew_io::impl_tokio_write!([] File);
    sinew_io::impl_tokio_seek!([] File, |file| &mut file.get_mut().seeking);
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use super::*;

    sinew_io::impl_hyper_read!([] File);
    sinew_io::impl_hyper_write!([] File);
}
