//! Taking from a stream: `while let`, `for_each`, `collect`, and `try_next` where items
//! may be errors.
//!
//! ```text
//! while let: 1 2 3
//! for_each: 1 2 3
//! collect: [1, 2, 3]
//! sum of results: Ok(6)
//! an error ends it: Err("no")
//! ```

use std::pin::Pin;

use sinew::stream::{self, Stream, StreamExt, TryStreamExt};

async fn sum(
    mut items: Pin<&mut impl Stream<Item = Result<i32, &'static str>>>,
) -> Result<i32, &'static str> {
    let mut sum = 0;
    while let Some(item) = items.try_next().await? {
        sum += item;
    }
    Ok(sum)
}

#[sinew::main]
async fn main() {
    let numbers = || stream::iter(1..=3);

    print!("while let:");
    let mut stream = numbers();
    while let Some(number) = stream.next().await {
        print!(" {number}");
    }
    print!("\nfor_each:");
    numbers().for_each(async |number| print!(" {number}")).await;
    println!("\ncollect: {:?}", numbers().collect::<Vec<_>>().await);

    let good = std::pin::pin!(numbers().map(Ok));
    println!("sum of results: {:?}", sum(good).await);
    let bad = std::pin::pin!(stream::iter([Ok(1), Err("no"), Ok(3)]));
    println!("an error ends it: {:?}", sum(bad).await);
}
