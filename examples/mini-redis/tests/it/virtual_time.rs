//! Deadlines on a clock that stands still, and a connection without sockets.

use std::sync::Arc;

use mini_redis::client::{Client, MailLimits};
use mini_redis::command::Session;
use mini_redis::connection::serve;
use mini_redis::database::expire;
use mini_redis::server::{Options, Shared};
use sinew::io::duplex;
use sinew::prelude::*;
use sinew::time::{Duration, sleep};

async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), line: &str, expected: &str) {
    stream
        .write_all(format!("{line}\r\n").as_bytes())
        .await
        .unwrap();
    let mut reply = vec![0; expected.len()];
    stream.read_exact(&mut reply).await.unwrap();
    assert_eq!(String::from_utf8(reply).unwrap(), expected, "{line}");
}

#[sinew::test(start_paused = true)]
async fn keys_live_as_long_as_they_were_given() {
    let shared = Arc::new(Shared::new(Options::default(), 0));
    let database = shared.database.clone();
    let expiring = sinew::spawn(async move { expire(&database).await });
    let client = Arc::new(Client::new(1, MailLimits::default()));
    let session = Session::new(Arc::clone(&shared), Arc::clone(&client));
    let (mut stream, other) = duplex(4096);
    let serving = sinew::spawn(serve(other, session));

    ask(&mut stream, "SET day v EX 86400", "+OK\r\n").await;
    ask(&mut stream, "SET week v", "+OK\r\n").await;
    ask(&mut stream, "EXPIRE week 604800", ":1\r\n").await;
    sleep(Duration::from_secs(86399)).await;
    ask(&mut stream, "TTL day", ":1\r\n").await;
    ask(&mut stream, "GET day", "$1\r\nv\r\n").await;
    sleep(Duration::from_secs(1)).await;
    ask(&mut stream, "GET day", "$-1\r\n").await;
    sleep(Duration::from_secs(6 * 86400 + 1)).await;
    // Nobody has looked at it.
    ask(&mut stream, "DBSIZE", ":0\r\n").await;
    assert_eq!(shared.database.lock().counts().expired, 2);

    client.stop();
    serving.await.unwrap().unwrap();
    expiring.abort();
}
