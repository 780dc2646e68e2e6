//! Hello, world.
//!
//! Run it: `cargo run -p examples --example hello-world`

// `#[sinew::main]` makes an ordinary `main` of this: it starts a runtime, runs
// the async body on it, and shuts the runtime down when the body has ended.
#[sinew::main]
async fn main() {
    println!("{}", greeting("world").await);
}

// Calling an `async fn` does nothing yet. It returns a future, and the body
// runs when somebody awaits that.
async fn greeting(name: &str) -> String {
    format!("hello, {name}!")
}

// `#[sinew::test]` is to tests what `#[sinew::main]` is to `main`.
#[cfg(test)]
#[sinew::test]
async fn greets_by_name() {
    assert_eq!(greeting("sinew").await, "hello, sinew!");
}
