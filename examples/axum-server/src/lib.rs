//! An axum `Router`: hyper serves it over sockets of sinew, and no other runtime is there.

use std::io;

use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use serde_json::{Value, json};
use sinew::hyper::Timer;
use sinew::net::TcpListener;
use tower_service::Service;

/// The routes.
pub fn router() -> Router {
    Router::new()
        .route("/", get(async || "Hello, World!\n"))
        .route("/hello/{name}", get(hello))
        .route("/echo", post(async |body: String| body))
}

async fn hello(Path(name): Path<String>) -> Json<Value> {
    Json(json!({ "hello": name }))
}

/// Serves a router to whoever comes.
///
/// # Errors
///
/// None now; the signature is that of servers which have some.
pub async fn serve(listener: TcpListener, router: Router) -> io::Result<()> {
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("accept: {error}");
                continue;
            }
        };
        let router = router.clone();
        sinew::spawn(async move {
            // hyper hands requests over, a router takes them: it is always ready, so that it may
            // be called at once.
            let service = service_fn(move |request: Request<Incoming>| {
                let mut router = router.clone();
                Service::call(&mut router, request)
            });
            let connection = http1::Builder::new()
                .timer(Timer)
                .serve_connection(stream, service)
                .with_upgrades();
            match connection.await {
                Err(error) if !error.is_incomplete_message() => eprintln!("{address}: {error}"),
                _ => {}
            }
        });
    }
}
