//! The server over sinew.

use std::io;

use net_bench::{Address, Transport, socket_path};
use sinew::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use sinew::net::{TcpListener, UdpSocket, UnixListener};
use sinew::runtime::Builder;

use super::{BUFFER, announce};

pub(super) fn multi_thread(transport: Transport, threads: usize) -> io::Result<()> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads)
        .build()?;
    runtime.block_on(async {
        sinew::spawn(serve(transport))
            .await
            .map_err(io::Error::other)?
    })
}

pub(super) fn current_thread(transport: Transport) -> io::Result<()> {
    Builder::new_current_thread()
        .build()?
        .block_on(serve(transport))
}

async fn serve(transport: Transport) -> io::Result<()> {
    match transport {
        Transport::Tcp => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            announce(&Address::Ip(listener.local_addr()?));
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                sinew::spawn(echo(stream));
            }
        }
        Transport::Unix => {
            let path = socket_path();
            let listener = UnixListener::bind(&path)?;
            announce(&Address::Path(path));
            loop {
                let (stream, _) = listener.accept().await?;
                sinew::spawn(echo(stream));
            }
        }
        Transport::Udp => {
            let socket = UdpSocket::bind("127.0.0.1:0").await?;
            announce(&Address::Ip(socket.local_addr()?));
            let mut buf = vec![0; BUFFER];
            loop {
                let (count, from) = socket.recv_from(&mut buf).await?;
                socket.send_to(&buf[..count], from).await?;
            }
        }
    }
}

async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut buf = vec![0; BUFFER];
    loop {
        let count = stream.read(&mut buf).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buf[..count]).await?;
    }
}
