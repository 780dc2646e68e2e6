//! The macros of `sinew-core` as a user has them: in another crate, re-exported,
//! with unsafe code forbidden and strict lints.

#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]

use std::future::{pending, ready};

mod facade {
    pub(super) use sinew_core::{block_on, join, pin, race, select, try_join};
}

#[derive(Debug)]
enum Message {
    Text(String),
    Stop,
}

async fn next(queue: &mut Vec<Message>) -> Option<Message> {
    ready(queue.pop()).await
}

#[test]
fn select() {
    facade::block_on(async {
        let mut queue = vec![Message::Stop, Message::Text("text".into())];
        let mut seen = 0;
        loop {
            facade::select! {
                Some(message) = next(&mut queue) => match message {
                    Message::Text(text) => seen += text.len(),
                    Message::Stop => break,
                },
                () = pending() => {}
            }
        }
        assert_eq!(seen, 4);
        let other = facade::select! {
            biased;
            Some(&n) = ready([1, 2].first()), if seen > 4 => n,
            else => 3,
        };
        assert_eq!(other, 3);
    });
}

#[test]
fn join_try_join_race_and_pin() {
    facade::block_on(async {
        assert_eq!(facade::join!(async { 1 }, ready(2)), (1, 2));
        let both: Result<_, ()> = facade::try_join!(ready(Ok(1)), async { Ok(2) });
        assert_eq!(both, Ok((1, 2)));
        let one = async { 1 };
        facade::pin!(one);
        assert_eq!(facade::race!(one, pending()), 1);
    });
}

#[test]
fn the_futures_can_be_sent() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    facade::block_on(sent(async {
        let n = facade::select! { n = ready(1) => n, _ = ready(2) => 1 };
        let (a, b) = facade::join!(ready(n), ready(n));
        let won = facade::race!(ready(a), ready(b));
        assert_eq!(facade::try_join!(ready(Ok::<_, ()>(won))), Ok((1,)));
    }));
}
