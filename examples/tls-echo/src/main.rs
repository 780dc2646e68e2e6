//! Echoes over TLS to itself and prints what came back.

use futures_rustls::rustls::pki_types::ServerName;
use sinew::net::{TcpListener, TcpStream};
use sinew::prelude::*;
use tls_echo::{Identity, NAME, serve};

#[sinew::main]
async fn main() -> std::io::Result<()> {
    let identity = Identity::generate()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    sinew::spawn(serve(listener, identity.acceptor()?));

    let name = ServerName::try_from(NAME).map_err(std::io::Error::other)?;
    let stream = TcpStream::connect(address).await?;
    let mut stream = identity.connector()?.connect(name, stream).await?;
    stream.write_all(b"Hello over TLS").await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("{answer}");
    Ok(())
}
