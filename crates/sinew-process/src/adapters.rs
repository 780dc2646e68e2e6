//! tokio's and hyper's IO traits on the pipes of a child, without a wrapper.

use crate::{ChildStderr, ChildStdin, ChildStdout};

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use super::*;

    sinew_io::impl_tokio_read!([] ChildStdout);
    sinew_io::impl_tokio_read!([] ChildStderr);
    sinew_io::impl_tokio_write!([] ChildStdin);
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use super::*;

    sinew_io::impl_hyper_read!([] ChildStdout);
    sinew_io::impl_hyper_read!([] ChildStderr);
    sinew_io::impl_hyper_write!([] ChildStdin);
}
