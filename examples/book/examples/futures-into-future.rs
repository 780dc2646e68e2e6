//! `IntoFuture`: `.await` on a builder.
//!
//! ```text
//! GET /index.html with 2 retries
//! ```

use std::future::{Future, IntoFuture};
use std::pin::Pin;

struct Request {
    path: String,
    retries: u32,
}

impl Request {
    fn get(path: &str) -> Request {
        Request {
            path: path.to_string(),
            retries: 0,
        }
    }

    fn retries(mut self, count: u32) -> Request {
        self.retries = count;
        self
    }
}

impl IntoFuture for Request {
    type Output = String;
    // A box, because the type of an async block has no name to write here.
    type IntoFuture = Pin<Box<dyn Future<Output = String> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { format!("GET {} with {} retries", self.path, self.retries) })
    }
}

#[sinew::main]
async fn main() {
    println!("{}", Request::get("/index.html").retries(2).await);
}
