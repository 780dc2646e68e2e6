//! Network IO: a TCP connection is a stream of bytes, a UDP socket has datagrams.
//!
//! ```text
//! tcp: the server read "ping" and the client "pong"
//! udp: "hello" from the socket that sent it: true
//! ```

use sinew::net::{TcpListener, TcpStream, UdpSocket};
use sinew::prelude::*;

async fn tcp() -> std::io::Result<()> {
    // Port 0: the system chooses one.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = sinew::spawn(async move {
        let (mut stream, _peer) = listener.accept().await?;
        // A stream has no borders: `read` may give less than was written at once.
        let mut question = [0; 4];
        stream.read_exact(&mut question).await?;
        stream.write_all(b"pong").await?;
        std::io::Result::Ok(question)
    });

    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"ping").await?;
    let mut answer = String::new();
    // Up to the end, which comes when the server drops its stream.
    client.read_to_string(&mut answer).await?;
    let question = server.await??;
    println!(
        "tcp: the server read {:?} and the client {answer:?}",
        String::from_utf8_lossy(&question)
    );
    Ok(())
}

async fn udp() -> std::io::Result<()> {
    let receiver = UdpSocket::bind("127.0.0.1:0").await?;
    let sender = UdpSocket::bind("127.0.0.1:0").await?;
    sender.send_to(b"hello", receiver.local_addr()?).await?;
    // Each call gives one datagram; what does not fit into the buffer is cut off.
    let mut buffer = [0; 1500];
    let (length, from) = receiver.recv_from(&mut buffer).await?;
    println!(
        "udp: {:?} from the socket that sent it: {}",
        String::from_utf8_lossy(&buffer[..length]),
        from == sender.local_addr()?
    );
    Ok(())
}

#[sinew::main]
async fn main() -> std::io::Result<()> {
    tcp().await?;
    udp().await
}
