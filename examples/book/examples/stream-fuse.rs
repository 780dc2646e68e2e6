//! Past the end of a stream: a fused one stays at its end. And a stream as a future: of
//! its next item and the rest.
//!
//! ```text
//! not fused: Some(1), None, Some(2)
//! fused:     Some(1), None, None, and it knows: true
//! into_future: Some(1), then the rest: [2, 3]
//! ```

use std::pin::Pin;
use std::task::{Context, Poll};

use sinew::stream::{self, FusedStream, Stream, StreamExt};

/// Allowed, if odd: ends, and then begins anew.
struct Flickering(u32);

impl Stream for Flickering {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.0 += 1;
        Poll::Ready((self.0 % 2 == 1).then_some(self.0.div_ceil(2)))
    }
}

#[sinew::main]
async fn main() {
    let mut bare = Flickering(0);
    let (a, b, c) = (bare.next().await, bare.next().await, bare.next().await);
    println!("not fused: {a:?}, {b:?}, {c:?}");

    let mut fused = Flickering(0).fuse();
    let (a, b, c) = (fused.next().await, fused.next().await, fused.next().await);
    println!(
        "fused:     {a:?}, {b:?}, {c:?}, and it knows: {}",
        fused.is_terminated()
    );

    // `into_future` takes the stream and gives it back: for loops over futures that
    // own what they wait for.
    let (first, rest) = stream::iter(1..=3).into_future().await;
    println!(
        "into_future: {first:?}, then the rest: {:?}",
        rest.collect::<Vec<_>>().await
    );
}
