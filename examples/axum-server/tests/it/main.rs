//! Requests as they are on the wire.

use sinew::net::{TcpListener, TcpStream};
use sinew::prelude::*;

async fn ask(request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    sinew::spawn(axum_server::serve(listener, axum_server::router()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[sinew::test(timeout = "60s")]
async fn routes_are_served() {
    let response = ask("GET /hello/Ann HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(
        response.contains("content-type: application/json"),
        "{response}"
    );
    assert!(
        response.ends_with("\r\n\r\n{\"hello\":\"Ann\"}"),
        "{response}"
    );
}

#[sinew::test(timeout = "60s")]
async fn a_chunked_body_is_read() {
    let response = ask(
        "POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n\
         3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    )
    .await;
    assert!(response.ends_with("\r\n\r\nabcde"), "{response}");
}

#[sinew::test(timeout = "60s")]
async fn what_is_not_there_is_not_found() {
    let response = ask("GET /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 404 "), "{response}");
}
