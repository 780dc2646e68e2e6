//! `tcp-proxy LISTEN SERVER`: forwards each connection to LISTEN to SERVER.

use sinew::net::TcpListener;

#[sinew::main]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(listen), Some(server)) = (args.next(), args.next()) else {
        eprintln!("usage: tcp-proxy LISTEN SERVER, as in: tcp-proxy 127.0.0.1:8080 example.org:80");
        std::process::exit(2);
    };
    let listener = TcpListener::bind(&listen).await?;
    println!("{} -> {server}", listener.local_addr()?);
    tcp_proxy::serve(listener, server).await
}
