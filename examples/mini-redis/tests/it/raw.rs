//! Bytes as they go over the wire, and clients that behave badly.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use mini_redis::client::MailLimits;
use mini_redis::server::Options;
use sinew::time::{Duration, Instant};

use crate::server::{PATIENCE, Running, ask, expect, rest};

#[test]
fn ten_thousand_commands_at_once() {
    let server = Running::start(Options::default());
    let mut stream = server.connect();
    let mut writer = stream.try_clone().unwrap();
    let requests = "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n".repeat(10_000);
    let sender = std::thread::spawn(move || writer.write_all(requests.as_bytes()).unwrap());
    let replies: String = (1..=10_000).map(|n| format!(":{n}\r\n")).collect();
    expect(&mut stream, replies.as_bytes());
    sender.join().unwrap();
}

#[test]
fn half_a_command_waits_for_the_rest_and_harms_nobody() {
    let server = Running::start(Options::default());
    let mut stream = server.connect();
    stream
        .write_all(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhe")
        .unwrap();
    server.check();
    ask(&mut stream, b"llo\r\nGET k\r\n", b"+OK\r\n$5\r\nhello\r\n");
    // It never comes.
    stream
        .write_all(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhe")
        .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut stream), "");
    ask(&mut server.connect(), b"GET k\r\n", b"$5\r\nhello\r\n");
}

#[test]
fn a_length_above_the_limit_is_refused_before_the_bytes_come() {
    let server = Running::start(Options::default());
    let mut stream = server.connect();
    stream
        .write_all(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$629145600\r\n")
        .unwrap();
    assert_eq!(
        rest(&mut stream),
        "-ERR Protocol error: invalid bulk length\r\n"
    );
    server.check();
}

#[test]
fn a_long_length_costs_nothing_until_the_bytes_come() {
    let server = Running::start(Options::default());
    let mut clients: Vec<_> = (0..50).map(|_| server.connect()).collect();
    for stream in &mut clients {
        stream
            .write_all(b"PING\r\n*2\r\n$3\r\nGET\r\n$536870912\r\nabc")
            .unwrap();
        expect(stream, b"+PONG\r\n");
    }
    server.check();
}

#[test]
fn rubbish_is_answered_or_refused_and_harms_nobody() {
    let server = Running::start(Options::default());
    for rubbish in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n"[..],
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"*1\r\n!\r\n",
        b"*2000000\r\n",
        b"\"\n",
        &[0xff; 100_000],
        &[b'\n'; 100_000],
    ] {
        let mut stream = server.connect();
        let mut writer = stream.try_clone().unwrap();
        // The server may have closed the connection by then.
        let _ = writer.write_all(rubbish);
        let _ = writer.shutdown(Shutdown::Write);
        let mut replies = Vec::new();
        if let Err(error) = stream.read_to_end(&mut replies) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        server.check();
    }
}

/// Sends requests without reading until the server takes no more.
fn fill(stream: &mut TcpStream, request: &[u8], most: usize) -> usize {
    stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let mut sent = 0;
    while sent < most {
        match stream.write(request) {
            Ok(count) => sent += count,
            Err(error) => {
                assert!(matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut
                ));
                break;
            }
        }
    }
    sent
}

#[test]
fn a_client_that_does_not_read_is_not_read_from() {
    let server = Running::start(Options::default());
    let mut stream = server.connect();
    let large = format!("SET large {}\r\n", "x".repeat(60_000));
    ask(&mut stream, large.as_bytes(), b"+OK\r\n");
    let most = 64 << 20;
    let sent = fill(&mut stream, &b"GET large\r\n".repeat(1000), most);
    assert!(sent < most, "{sent} bytes of requests were taken");
    server.check();
    // Nothing is lost: who starts to read gets all.
    expect(&mut stream, b"$60000\r\nxxx");
}

#[test]
fn a_listener_that_does_not_read_is_dropped() {
    let mail = MailLimits {
        hard: 1 << 20,
        soft: 1 << 20,
        soft_for: Duration::from_secs(60),
    };
    let server = Running::start(Options {
        mail,
        ..Options::default()
    });
    let mut slow = server.connect();
    ask(
        &mut slow,
        b"SUBSCRIBE c\r\n",
        b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
    );
    let mut speaker = server.connect();
    let request = format!("PUBLISH c {}\r\n", "x".repeat(50_000));
    let deadline = Instant::now() + PATIENCE;
    let mut reply = [0; 4];
    while reply != *b":0\r\n" {
        assert!(Instant::now() < deadline, "nobody was dropped");
        speaker.write_all(request.as_bytes()).unwrap();
        speaker.read_exact(&mut reply).unwrap();
    }
    // What had been sent may come, then the end.
    let mut bytes = Vec::new();
    match slow.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    server.check();
}

#[test]
fn so_many_clients_and_no_more() {
    let server = Running::start(Options {
        max_clients: 2,
        ..Options::default()
    });
    let (mut first, mut second) = (server.connect(), server.connect());
    for stream in [&mut first, &mut second] {
        ask(stream, b"PING\r\n", b"+PONG\r\n");
    }
    let mut third = server.connect();
    assert_eq!(rest(&mut third), "-ERR max number of clients reached\r\n");
    ask(&mut first, b"QUIT\r\n", b"+OK\r\n");
    assert_eq!(rest(&mut first), "");
    // The place is given up right after the connection is closed.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut stream = server.connect();
        let mut reply = [0; 7];
        if stream
            .write_all(b"PING\r\n")
            .and_then(|()| stream.read_exact(&mut reply))
            .is_ok()
            && reply == *b"+PONG\r\n"
        {
            break;
        }
        assert!(Instant::now() < deadline, "no place is given up");
    }
}

#[test]
fn replies_that_were_started_are_finished_at_the_end() {
    let server = Running::start(Options::default());
    let mut stream = server.connect();
    let value = "x".repeat(16 << 20);
    let set = format!(
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${}\r\n{value}\r\n",
        value.len()
    );
    ask(&mut stream, set.as_bytes(), b"+OK\r\n");
    let idle = server.connect();
    // The head has come, so the reply was started; the rest is more than sockets hold.
    ask(&mut stream, b"GET k\r\n", b"$16777216\r\n");
    let reader = std::thread::spawn(move || rest(&mut stream));
    assert_eq!(server.stop(), 0);
    let reply = reader.join().unwrap();
    assert!(reply == value + "\r\n", "{} bytes came", reply.len());
    drop(idle);
}
