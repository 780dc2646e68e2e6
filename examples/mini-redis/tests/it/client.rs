//! A client that others have written.

use mini_redis::server::Options;
use redis::{Client, Commands, Connection, ErrorKind, RedisResult, SetExpiry, SetOptions};

use crate::server::{PATIENCE, Running};

fn connect(server: &Running) -> Connection {
    let client = Client::open(format!("redis://{}", server.addr())).unwrap();
    let connection = client.get_connection().unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection
}

#[test]
fn values_and_deadlines() {
    let server = Running::start(Options::default());
    let mut redis = connect(&server);
    let () = redis.set("k", b"\x00\xff\r\n").unwrap();
    assert_eq!(redis.get::<_, Vec<u8>>("k").unwrap(), b"\x00\xff\r\n");
    assert_eq!(redis.get::<_, Option<String>>("none").unwrap(), None);
    let () = redis.mset(&[("a", "1"), ("b", "2")]).unwrap();
    let values: Vec<Option<String>> = redis.mget(&["a", "none", "b"]).unwrap();
    assert_eq!(values, [Some("1".to_owned()), None, Some("2".to_owned())]);
    assert_eq!(redis.incr::<_, _, i64>("a", 41).unwrap(), 42);
    assert_eq!(redis.append::<_, _, i64>("a", "0").unwrap(), 3);
    assert_eq!(redis.ttl::<_, i64>("a").unwrap(), -1);
    assert!(redis.expire::<_, bool>("a", 1000).unwrap());
    assert!((900..=1000).contains(&redis.ttl::<_, i64>("a").unwrap()));
    let options = SetOptions::default()
        .get(true)
        .with_expiration(SetExpiry::PX(100_000));
    let old: String = redis.set_options("a", "new", options).unwrap();
    assert_eq!(old, "420");
    assert!(redis.pttl::<_, i64>("a").unwrap() <= 100_000);
    let mut keys: Vec<String> = redis.keys("?").unwrap();
    keys.sort();
    assert_eq!(keys, ["a", "b", "k"]);
    assert_eq!(redis.del::<_, i64>(&["a", "b", "none"]).unwrap(), 2);
}

#[test]
fn errors_and_a_pipeline() {
    let server = Running::start(Options::default());
    let mut redis = connect(&server);
    let () = redis.set("k", "word").unwrap();
    let error = redis.incr::<_, _, i64>("k", 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseError);
    assert!(error.to_string().contains("not an integer"), "{error}");
    let replies: (String, i64, Vec<String>) = redis::pipe()
        .cmd("PING")
        .incr("n", 5)
        .mget(&["k", "n"])
        .query(&mut redis)
        .unwrap();
    assert_eq!(
        replies,
        (
            "PONG".to_owned(),
            5,
            vec!["word".to_owned(), "5".to_owned()]
        )
    );
    let info: redis::InfoDict = redis::cmd("INFO").query(&mut redis).unwrap();
    assert_eq!(info.get::<i64>("connected_clients"), Some(1));
}

#[test]
fn a_large_array_of_large_values() {
    let server = Running::start(Options::default());
    let mut redis = connect(&server);
    let value = "x".repeat(100_000);
    let () = redis.set("k", &value).unwrap();
    let values: Vec<String> = redis.mget(vec!["k"; 300]).unwrap();
    assert!(values.len() == 300 && values.iter().all(|got| *got == value));
}

#[test]
fn messages() {
    let server = Running::start(Options::default());
    let (mut listener, mut speaker) = (connect(&server), connect(&server));
    let mut listening = listener.as_pubsub();
    listening.subscribe("news").unwrap();
    listening.psubscribe("n?ws").unwrap();
    assert_eq!(speaker.publish::<_, _, i64>("news", "hello").unwrap(), 2);
    let message = listening.get_message().unwrap();
    assert_eq!(
        (message.get_channel_name(), message.get_payload_bytes()),
        ("news", &b"hello"[..])
    );
    let message = listening.get_message().unwrap();
    let pattern: RedisResult<String> = message.get_pattern();
    assert_eq!(pattern.unwrap(), "n?ws");
    listening.unsubscribe("news").unwrap();
    assert_eq!(speaker.publish::<_, _, i64>("news", "again").unwrap(), 1);
    assert_eq!(
        listening.get_message().unwrap().get_payload_bytes(),
        b"again"
    );
}
