//! `?` in an async block: the block has no place for its error type, so the last
//! expression names it.
//!
//! ```text
//! Ok(7)
//! Err(ParseIntError { kind: InvalidDigit })
//! ```

use std::num::ParseIntError;

async fn parse(text: &str) -> Result<i32, ParseIntError> {
    text.parse()
}

#[sinew::main]
async fn main() {
    let sum = async {
        let sum = parse("3").await? + parse("4").await?;
        // `Ok(sum)` alone: "type annotations needed".
        Ok::<i32, ParseIntError>(sum)
    };
    println!("{:?}", sum.await);

    let bad = async { Ok::<i32, ParseIntError>(parse("x").await? + 1) };
    println!("{:?}", bad.await);
}
