//! `http-server [ADDRESS]`: serves HTTP/1, by default on 127.0.0.1:7878.

use sinew::net::TcpListener;

#[sinew::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:7878")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    http_server::serve(listener).await
}
