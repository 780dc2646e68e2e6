//! Async traits by macro. `trait_variant` writes a second trait whose futures are
//! `Send`; `async_trait` boxes every future, as was the only way before Rust 1.75, and
//! is still the shortest one to `dyn`.
//!
//! ```text
//! trait_variant: hello, ann, in a task
//! trait_variant: hello, eve
//! async_trait:   hello, bob, hello, bob
//! async_trait:   HELLO, BOB
//! ```

use async_trait::async_trait;

/// The macro makes `Greeter` of it, the same with `-> impl Future + Send`, and says
/// that every `Greeter` is a `LocalGreeter`.
#[trait_variant::make(Greeter: Send)]
trait LocalGreeter {
    async fn greet(&self, name: &str) -> String;
}

struct Polite;

/// A type implements the one that asks for more, and has both.
impl Greeter for Polite {
    async fn greet(&self, name: &str) -> String {
        format!("hello, {name}")
    }
}

/// `+ Sync`, because the task holds a `&greeter` across its `.await`.
async fn in_a_task(greeter: impl Greeter + Sync + 'static) -> String {
    let task = sinew::spawn(async move { greeter.greet("ann").await });
    task.await.expect("no panic")
}

/// `async fn greet` becomes `fn greet(..) -> Pin<Box<dyn Future + Send>>`: an
/// allocation for each call, and in return the trait may stand behind `dyn`.
#[async_trait]
trait DynGreeter: Sync {
    async fn greet(&self, name: &str) -> String;

    /// A method that implementations may override, or take as it is.
    async fn greet_twice(&self, name: &str) -> String {
        format!("{0}, {0}", self.greet(name).await)
    }
}

#[async_trait]
impl DynGreeter for Polite {
    async fn greet(&self, name: &str) -> String {
        Greeter::greet(self, name).await
    }
}

struct Loud;

#[async_trait]
impl DynGreeter for Loud {
    async fn greet(&self, name: &str) -> String {
        DynGreeter::greet(&Polite, name).await.to_uppercase()
    }

    async fn greet_twice(&self, name: &str) -> String {
        // Once is loud enough.
        DynGreeter::greet(self, name).await
    }
}

/// Code for one thread asks for less, and takes types of both kinds.
async fn on_one_thread(greeter: &impl LocalGreeter) -> String {
    greeter.greet("eve").await
}

#[sinew::main]
async fn main() {
    println!("trait_variant: {}, in a task", in_a_task(Polite).await);
    println!("trait_variant: {}", on_one_thread(&Polite).await);
    let greeters: [Box<dyn DynGreeter>; 2] = [Box::new(Polite), Box::new(Loud)];
    for greeter in greeters {
        println!("async_trait:   {}", greeter.greet_twice("bob").await);
    }
}
