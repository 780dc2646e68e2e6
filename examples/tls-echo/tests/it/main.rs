//! A client that trusts the certificate, and one that does not.

use std::io;

use futures_rustls::rustls::pki_types::ServerName;
use sinew::net::{TcpListener, TcpStream};
use sinew::prelude::*;
use tls_echo::{Identity, NAME, serve};

async fn ask(trusted: &Identity, own: &Identity, request: &[u8]) -> io::Result<Vec<u8>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = sinew::spawn(serve(listener, own.acceptor()?));
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(NAME).map_err(io::Error::other)?;
    let stream = trusted.connector()?.connect(name, stream).await?;
    // More than fits into the sockets, so both directions have to go on at once.
    let (mut reader, mut writer) = sinew::io::split(stream);
    let write = async {
        writer.write_all(request).await?;
        writer.shutdown().await
    };
    let mut answer = Vec::new();
    let (written, read) = sinew::join!(write, reader.read_to_end(&mut answer));
    server.abort();
    written.and(read).map(|_| answer)
}

#[sinew::test(timeout = "60s")]
async fn what_is_sent_comes_back() {
    let identity = Identity::generate().unwrap();
    let request: Vec<u8> = (0..500_000_u32).map(|n| (n / 251) as u8).collect();
    let answer = ask(&identity, &identity, &request).await.unwrap();
    assert!(answer == request, "{} bytes came back", answer.len());
}

#[sinew::test(timeout = "60s")]
async fn a_stranger_is_not_trusted() {
    let (trusted, own) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let error = ask(&trusted, &own, b"hello").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}
