//! An HTTP/1 server: hyper speaks the protocol, sinew has the sockets, the tasks and the clock.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use futures::{StreamExt, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use sinew::hyper::Timer;
use sinew::net::TcpListener;

type Body = BoxBody<Bytes, hyper::Error>;

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves whoever comes, keep-alive included.
///
/// # Errors
///
/// None now; the signature is that of servers which have some.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("accept: {error}");
                continue;
            }
        };
        sinew::spawn(async move {
            // Else an answer may wait for the client's kernel to acknowledge the last one.
            if let Err(error) = stream.set_nodelay(true) {
                return eprintln!("{address}: {error}");
            }
            let connection = http1::Builder::new()
                .timer(Timer)
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(stream, service_fn(answer));
            // Clients that go away in the middle are no news.
            match connection.await {
                Err(error) if !error.is_incomplete_message() => eprintln!("{address}: {error}"),
                _ => {}
            }
        });
    }
}

/// Answers one request.
///
/// # Errors
///
/// When the request's body cannot be read.
pub async fn answer(request: Request<Incoming>) -> hyper::Result<Response<Body>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => Ok(Response::new(whole("Hello, World!\n"))),
        // The body comes back as it comes in, piece by piece.
        (&Method::POST, "/echo") => Ok(Response::new(request.into_body().boxed())),
        // Without a length, so in chunks.
        (&Method::GET, "/count") => Ok(Response::new(count(100))),
        _ => {
            let mut response = Response::new(whole("There is nothing here.\n"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            Ok(response)
        }
    }
}

fn whole(text: &'static str) -> Body {
    Full::new(Bytes::from_static(text.as_bytes()))
        .map_err(|never: Infallible| match never {})
        .boxed()
}

fn count(to: u32) -> Body {
    let lines = stream::iter(1..=to).map(|n| Ok(Frame::data(Bytes::from(format!("{n}\n")))));
    BodyExt::boxed(StreamBody::new(lines))
}
