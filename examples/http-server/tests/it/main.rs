//! hyper's client asks over real sockets.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response, StatusCode};
use sinew::net::{TcpListener, TcpStream};

async fn client() -> SendRequest<Full<Bytes>> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    sinew::spawn(http_server::serve(listener));
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = handshake(stream).await.unwrap();
    sinew::spawn(connection);
    client
}

fn request(method: Method, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let body = Full::new(body.into());
    let request = Request::builder().method(method).uri(path);
    request.header("host", "localhost").body(body).unwrap()
}

async fn send(
    client: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Response<Incoming> {
    // The last answer may be read to its end before the connection's task has
    // said that it takes another request.
    client.ready().await.unwrap();
    client.send_request(request).await.unwrap()
}

#[sinew::test(timeout = "60s")]
async fn one_connection_serves_many_requests() {
    let mut client = client().await;
    for _ in 0..3 {
        let response = send(&mut client, request(Method::GET, "/", "")).await;
        assert_eq!(response.status(), StatusCode::OK);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "Hello, World!\n");
    }
    let response = send(&mut client, request(Method::GET, "/x", "")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[sinew::test(timeout = "60s")]
async fn bodies_go_through_in_pieces() {
    let mut client = client().await;
    let body = Bytes::from(vec![b'x'; 300_000]);
    let echo = request(Method::POST, "/echo", body.clone());
    let response = send(&mut client, echo).await;
    let back = response.into_body().collect().await.unwrap().to_bytes();
    assert!(back == body, "{} bytes came back", back.len());

    let response = send(&mut client, request(Method::GET, "/count", "")).await;
    assert_eq!(response.headers()["transfer-encoding"], "chunked");
    let lines = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 100);
}
