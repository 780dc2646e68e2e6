//! A client, the proxy and a server over real sockets.

use sinew::net::{TcpListener, TcpSocket, TcpStream};
use sinew::prelude::*;

#[sinew::test(timeout = "60s")]
async fn both_directions_end_one_by_one() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    let target = server.local_addr().unwrap().to_string();
    sinew::spawn(tcp_proxy::serve(proxy, target));

    // Answers only once the client has said that it is done.
    let answer = sinew::spawn(async move {
        let (mut stream, _) = server.accept().await.unwrap();
        let mut request = Vec::new();
        stream.read_to_end(&mut request).await.unwrap();
        request.reverse();
        stream.write_all(&request).await.unwrap();
    });

    let mut client = TcpStream::connect(address).await.unwrap();
    let request: Vec<u8> = (0..200_000_u32).map(|n| (n / 251) as u8).collect();
    client.write_all(&request).await.unwrap();
    client.shutdown().await.unwrap();
    let mut response = Vec::new();
    client.read_to_end(&mut response).await.unwrap();
    response.reverse();
    assert!(response == request, "{} bytes came back", response.len());
    answer.await.unwrap();
}

#[sinew::test(timeout = "60s")]
async fn a_server_that_is_not_there_ends_the_connection_only() {
    // Bound, so that nobody else is given its port, and never listening.
    let gone = TcpSocket::new_v4().unwrap();
    gone.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let target = gone.local_addr().unwrap().to_string();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    sinew::spawn(tcp_proxy::serve(proxy, target));
    for _ in 0..2 {
        let mut client = TcpStream::connect(address).await.unwrap();
        assert_eq!(client.read(&mut [0; 8]).await.unwrap_or(0), 0);
    }
}
