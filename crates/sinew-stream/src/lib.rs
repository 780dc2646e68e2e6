//! Streams: values that come one after the other, each when it is ready.
//!
//! | you want to | look at |
//! |---|---|
//! | write a stream as a piece of async code | [`stream!`], [`try_stream!`] |
//! | change, filter, collect, buffer a stream | [`StreamExt`], [`TryStreamExt`] |
//! | make a stream of what you have | [`iter`], [`once`], [`empty`], [`unfold`], [`poll_fn`] |
//! | take from several streams as they come | [`select()`], [`select_all()`], [`StreamMap`] |
//! | know when one of several streams has ended | [`StreamNotifyClose`] |
//! | run futures of one type beside each other, as they come or in order | [`FuturesUnordered`], [`FuturesOrdered`] |
//!
//! The trait and most combinators are those of the `futures` crate, re-exported,
//! so a stream of any library fits. What is our own is what is missing there.
//! Nothing here needs a runtime.
//!
//! What needs a timer (`throttle`, `timeout`, `chunks_timeout`), and `merge`,
//! is in `sinew_time::stream`; streams of channels, listeners, directories and signals
//! are in the crates of those. The facade shows all of them in one module.
//!
//! # When not to use this crate
//!
//! A loop that awaits is often clearer than a chain of combinators; and a stream
//! does all of its work in the task that polls it. To use more than one core,
//! spawn tasks and send what they make through a channel.
//!
//! # Example
//!
//! ```
//! use sinew_stream::{StreamExt, stream};
//!
//! fn countdown(from: u32) -> impl sinew_stream::Stream<Item = u32> {
//!     stream! {
//!         for number in (1..=from).rev() {
//!             yield number;
//!         }
//!     }
//! }
//!
//! let numbers: Vec<u32> = sinew_core::block_on(countdown(3).collect());
//! assert_eq!(numbers, [3, 2, 1]);
//! ```

#![forbid(unsafe_code)]

mod iter;
mod notify_close;
mod stream_map;

pub use iter::{Iter, iter};
pub use notify_close::StreamNotifyClose;
pub use stream_map::StreamMap;

#[doc(no_inline)]
pub use async_stream::{stream, try_stream};
#[doc(no_inline)]
pub use futures_core::stream::{FusedStream, Stream, TryStream};
#[doc(no_inline)]
pub use futures_util::stream::*;
