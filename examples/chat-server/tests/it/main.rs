//! Two users talk over real sockets.

use futures::{SinkExt, StreamExt};
use sinew::io::codec::{Framed, LinesCodec};
use sinew::net::{TcpListener, TcpStream};

type Lines = Framed<TcpStream, LinesCodec>;

async fn join(address: std::net::SocketAddr, name: &str) -> Lines {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut lines = Framed::new(stream, LinesCodec::new());
    assert_eq!(hear(&mut lines).await, "Who are you?");
    lines.send(name).await.unwrap();
    assert_eq!(hear(&mut lines).await, format!("Hello, {name}."));
    lines
}

async fn hear(lines: &mut Lines) -> String {
    lines.next().await.unwrap().unwrap()
}

#[sinew::test(timeout = "60s")]
async fn everybody_else_hears() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    sinew::spawn(chat_server::serve(listener));

    let mut ann = join(address, "Ann").await;
    let mut bob = join(address, "Bob").await;
    assert_eq!(hear(&mut ann).await, "Bob has come.");
    ann.send("Hi!").await.unwrap();
    assert_eq!(hear(&mut bob).await, "Ann: Hi!");
    drop(ann);
    assert_eq!(hear(&mut bob).await, "Ann has gone.");
}

#[sinew::test(timeout = "60s")]
async fn a_line_without_an_end_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    sinew::spawn(chat_server::serve(listener));

    let mut ann = join(address, "Ann").await;
    ann.send("x".repeat(5000)).await.unwrap();
    assert!(ann.next().await.is_none_or(|line| line.is_err()));
}
