//! tokio's IO traits on the pipes of a child, without a wrapper.

use crate::{ChildStderr, ChildStdin, ChildStdout};

sinew_io::impl_tokio_read!([] ChildStdout);
sinew_io::impl_tokio_read!([] ChildStderr);
sinew_io::impl_tokio_write!([] ChildStdin);
