//! A proxy: what comes from a client goes to one server, and back.

use std::io;

use sinew::io::copy_bidirectional;
use sinew::net::{TcpListener, TcpStream};

/// Connects each client to the server, for ever. Errors of one connection are told and end only
/// that one.
///
/// # Errors
///
/// None now; the signature is that of servers which have some.
pub async fn serve(listener: TcpListener, server: String) -> io::Result<()> {
    loop {
        let (client, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("accept: {error}");
                continue;
            }
        };
        let server = server.clone();
        sinew::spawn(async move {
            match forward(client, &server).await {
                Ok((up, down)) => println!("{address}: {up} bytes up, {down} bytes down"),
                Err(error) => eprintln!("{address}: {error}"),
            }
        });
    }
}

/// One connection. When one side says that it has no more to send, the other is told so and may
/// still answer.
async fn forward(mut client: TcpStream, server: &str) -> io::Result<(u64, u64)> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await
}
