//! The server over smol.

use std::io;
use std::sync::Arc;
use std::thread;

use async_executor::Executor;
use net_bench::{Address, Transport, socket_path};
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use smol::net::unix::UnixListener;
use smol::net::{TcpListener, UdpSocket};

use super::{BUFFER, announce};

/// As `smol::spawn` does it, with a number of threads that is ours.
pub(super) fn serve(transport: Transport, threads: usize) -> io::Result<()> {
    let executor: Arc<Executor<'static>> = Arc::new(Executor::new());
    for _ in 1..threads {
        let executor = executor.clone();
        thread::spawn(move || smol::block_on(executor.run(smol::future::pending::<()>())));
    }
    let serving = executor.spawn(listen(transport, executor.clone()));
    smol::block_on(executor.run(serving))
}

async fn listen(transport: Transport, executor: Arc<Executor<'static>>) -> io::Result<()> {
    match transport {
        Transport::Tcp => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            announce(&Address::Ip(listener.local_addr()?));
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                executor.spawn(echo(stream)).detach();
            }
        }
        Transport::Unix => {
            let path = socket_path();
            let listener = UnixListener::bind(&path)?;
            announce(&Address::Path(path));
            loop {
                let (stream, _) = listener.accept().await?;
                executor.spawn(echo(stream)).detach();
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
