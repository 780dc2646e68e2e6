//! Three ways to make a stream: the trait by hand, `unfold`, and a block with `yield`.
//!
//! ```text
//! by hand: [3, 2, 1]
//! unfold:  [3, 2, 1]
//! stream!: [3, 2, 1]
//! ```

use std::pin::Pin;
use std::task::{Context, Poll};

use sinew::stream::{self, Stream, StreamExt, stream};
use sinew::task::yield_now;

struct Countdown(u32);

impl Stream for Countdown {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        // `None` is the end. `Pending` would be right only after seeing to a wake-up.
        let Some(next) = self.0.checked_sub(1) else {
            return Poll::Ready(None);
        };
        Poll::Ready(Some(std::mem::replace(&mut self.0, next)))
    }
}

fn unfolded(from: u32) -> impl Stream<Item = u32> {
    stream::unfold(from, async |left| {
        yield_now().await;
        left.checked_sub(1).map(|next| (left, next))
    })
}

fn generated(from: u32) -> impl Stream<Item = u32> {
    stream! {
        for number in (1..=from).rev() {
            yield_now().await;
            yield number;
        }
    }
}

#[sinew::main]
async fn main() {
    println!("by hand: {:?}", Countdown(3).collect::<Vec<_>>().await);
    println!("unfold:  {:?}", unfolded(3).collect::<Vec<_>>().await);
    println!("stream!: {:?}", generated(3).collect::<Vec<_>>().await);
}
