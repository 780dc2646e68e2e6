//! `try_join!` ends at the first error and drops the others. All branches need one
//! error type, so errors are mapped.
//!
//! ```text
//! Ok(("book", 3))
//! Err("no music: not a number") after 10ms, the book was given up
//! ```

use sinew::future::TryFutureExt;
use sinew::time::{Duration, Instant, sleep};

async fn book() -> Result<&'static str, ()> {
    sleep(Duration::from_millis(50)).await;
    Ok("book")
}

async fn music(text: &str) -> Result<u32, std::num::ParseIntError> {
    sleep(Duration::from_millis(10)).await;
    text.parse()
}

async fn both(text: &str) -> Result<(&'static str, u32), String> {
    sinew::try_join!(
        book().map_err(|()| "no book".to_string()),
        music(text).map_err(|_| "no music: not a number".to_string()),
    )
}

#[sinew::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!("{:?}", both("3").await);
    let start = Instant::now();
    let failed = both("three").await;
    println!(
        "{failed:?} after {:?}, the book was given up",
        start.elapsed()
    );
}
