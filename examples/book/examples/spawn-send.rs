//! `Send` approximation: what lives across an `.await` is part of the future, and
//! `spawn` asks for `Send` because the task may move to another thread.
//!
//! ```text
//! a block ends the Rc before the await: sent
//! spawn_local needs no Send: local
//! ```

use std::rc::Rc;

use sinew::task::{LocalSet, yield_now};

async fn ends_before_await() -> &'static str {
    {
        let text = Rc::new("sent");
        assert_eq!(*text, "sent");
        // Without this block `text` would live up to the end of the function,
        // across the `.await`, and `spawn` would not compile:
        // "`Rc<&str>` is not `Send`". `drop(text)` is not always seen.
    }
    yield_now().await;
    "sent"
}

async fn lives_across_await() -> &'static str {
    let text = Rc::new("local");
    yield_now().await;
    *text
}

#[sinew::main]
async fn main() {
    let sent = sinew::spawn(ends_before_await()).await;
    println!(
        "a block ends the Rc before the await: {}",
        sent.expect("it ends")
    );

    // A future that is not `Send` may be awaited anywhere, and spawned where tasks
    // stay on one thread.
    let local = LocalSet::new();
    let text = local.run_until(async { sinew::task::spawn_local(lives_across_await()).await });
    println!(
        "spawn_local needs no Send: {}",
        text.await.expect("it ends")
    );
}
