//! `axum-server [ADDRESS]`: serves a few routes, by default on 127.0.0.1:7878.

use sinew::net::TcpListener;

#[sinew::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:7878")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum_server::serve(listener, axum_server::router()).await
}
