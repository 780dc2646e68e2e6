use super::{Body, MAX_HEAD, Request, Route, parse};
use crate::response::Status;

fn complete(text: &str) -> Request {
    parse(text.as_bytes()).unwrap().unwrap()
}

fn route(target: &str) -> Result<Route, Status> {
    let head = format!("GET {target} HTTP/1.1\r\n\r\n");
    parse(head.as_bytes()).map(|request| request.unwrap().route)
}

fn with(headers: &str) -> Result<Request, Status> {
    let head = format!("GET / HTTP/1.1\r\n{headers}\r\n");
    parse(head.as_bytes()).map(Option::unwrap)
}

#[test]
fn a_plain_get() {
    let expected = Request {
        head_len: 18,
        head_only: false,
        route: Route::Hello,
        keep_alive: true,
        body: Body::Length(0),
    };
    assert_eq!(complete("GET / HTTP/1.1\r\n\r\nGET /nex"), expected);
}

#[test]
fn every_prefix_is_incomplete() {
    let head = "HEAD /sleep HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
    for len in 0..head.len() {
        assert_eq!(parse(&head.as_bytes()[..len]), Ok(None), "{len}");
    }
    assert!(complete(head).head_only);
    assert_eq!(complete(head).route, Route::Sleep);
}

#[test]
fn what_is_not_http_is_bad() {
    for garbage in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\0/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: no\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET sleep HTTP/1.1\r\n\r\n",
    ] {
        assert_eq!(parse(garbage), Err(Status::BadRequest), "{garbage:?}");
    }
}

#[test]
fn other_methods_are_refused() {
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "get", "X"] {
        let head = format!("{method} / HTTP/1.1\r\n\r\n");
        assert_eq!(parse(head.as_bytes()), Err(Status::MethodNotAllowed));
    }
}

#[test]
fn the_limit_of_the_head_is_exact() {
    let frame = "GET / HTTP/1.1\r\na: \r\n\r\n".len();
    let head = |len| format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "x".repeat(len - frame));
    assert_eq!(complete(&head(MAX_HEAD)).head_len, MAX_HEAD);
    let long = head(MAX_HEAD + 1);
    assert_eq!(parse(long.as_bytes()), Err(Status::HeadTooLarge));
    assert_eq!(
        parse(&long.as_bytes()[..MAX_HEAD]),
        Err(Status::HeadTooLarge)
    );
    assert_eq!(parse(&long.as_bytes()[..MAX_HEAD - 1]), Ok(None));
    assert_eq!(with(&"a: b\r\n".repeat(97)), Err(Status::HeadTooLarge));
    assert!(with(&"a: b\r\n".repeat(96)).is_ok());
}

#[test]
fn keep_alive_is_for_1_1_unless_closed_and_for_1_0_if_asked() {
    let keep = |version, headers: &str| {
        complete(&format!("GET / HTTP/{version}\r\n{headers}\r\n")).keep_alive
    };
    assert!(keep("1.1", ""));
    assert!(!keep("1.1", "Connection: close\r\n"));
    assert!(!keep("1.1", "connection: Upgrade , CLOSE\r\n"));
    assert!(!keep("1.0", ""));
    assert!(keep("1.0", "Connection: Keep-Alive\r\n"));
    assert!(!keep("1.0", "Connection: keep-alive, close\r\n"));
}

#[test]
fn bodies() {
    let body = |headers| with(headers).map(|request| request.body);
    assert_eq!(body("Content-Length: 12\r\n"), Ok(Body::Length(12)));
    let twice = "Content-Length: 12\r\ncontent-length: 12\r\n";
    assert_eq!(body(twice), Ok(Body::Length(12)));
    assert_eq!(body("Transfer-Encoding: chunked\r\n"), Ok(Body::Unread));
    let waiting = "Content-Length: 3\r\nExpect: 100-continue\r\n";
    assert_eq!(body(waiting), Ok(Body::Unread));
    for bad in [
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: -1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 18446744073709551616\r\n",
    ] {
        assert_eq!(body(bad), Err(Status::BadRequest), "{bad}");
    }
}

#[test]
fn targets() {
    let file = |path: &str| Ok(Route::File(path.into()));
    assert_eq!(route("/?a=/sleep"), Ok(Route::Hello));
    assert_eq!(route("/sleep#x"), Ok(Route::Sleep));
    assert_eq!(route("/a/b.txt"), file("a/b.txt"));
    assert_eq!(route("/a%20b%2e"), file("a b."));
    assert_eq!(route("/..."), file("..."));
    assert_eq!(route("http://host:80/a?b"), file("a"));
    assert_eq!(route("http://host"), Ok(Route::Hello));
    assert_eq!(route("/x://y/z"), Ok(Route::Nowhere));
    assert_eq!(route("*"), Ok(Route::Nowhere));
}

#[test]
fn no_target_leaves_the_root() {
    for target in [
        "/..",
        "/../etc/passwd",
        "/a/../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/%2E./etc/passwd",
        "/..%2fetc%2fpasswd",
        "/%2fetc/passwd",
        "//etc/passwd",
        "/a//b",
        "/./a",
        "/a/",
        "/a%00b",
        "http://host/../etc/passwd",
    ] {
        assert_eq!(route(target), Ok(Route::Nowhere), "{target}");
    }
    for bad in ["/%", "/%2", "/%zz", "/a/../%4"] {
        assert_eq!(route(bad), Err(Status::BadRequest), "{bad}");
    }
}
