//! Calling an async function makes a future and runs nothing; `.await` runs it.
//!
//! ```text
//! made a future, and nothing happened
//! hello, world!
//! 1 + 2 = 3
//! ```

async fn say_hello() {
    println!("hello, world!");
}

async fn add(a: i32, b: i32) -> i32 {
    a + b
}

#[sinew::main]
async fn main() {
    let hello = say_hello();
    println!("made a future, and nothing happened");
    hello.await;
    // The output of the future is what the function returns.
    println!("1 + 2 = {}", add(1, 2).await);
}
