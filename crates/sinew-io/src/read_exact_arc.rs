use std::io::Result;
use std::iter::repeat_n;
use std::pin::pin;
use std::sync::Arc;

use futures_io::AsyncRead;

use crate::AsyncReadExt;

/// Reads `len` bytes into an `Arc`, without copying them from another buffer.
///
/// # Errors
///
/// `UnexpectedEof` if the reader ends before, and those of the reader except `Interrupted`, upon
/// which it tries again.
///
/// # Cancel safety
///
/// Not cancel safe: bytes that were read are lost when the future is dropped.
///
/// ```
/// # futures::executor::block_on(async {
/// let arc = sinew_io::read_exact_arc(&b"hello world"[..], 5).await?;
/// assert_eq!(&arc[..], b"hello");
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[expect(
    clippy::missing_panics_doc,
    reason = "nobody else has the `Arc` that was made here"
)]
pub async fn read_exact_arc<R: AsyncRead>(read: R, len: usize) -> Result<Arc<[u8]>> {
    let mut read = pin!(read);
    // Of an iterator that knows its length the `Arc` is made in one piece.
    let mut arc: Arc<[u8]> = repeat_n(0, len).collect();
    let bytes = Arc::get_mut(&mut arc).expect("the only owner");
    read.read_exact(bytes).await?;
    Ok(arc)
}
