//! What the server answers.

use std::io::Write;

/// The page at `/` and `/sleep`.
pub const HELLO: &str = include_str!("../pages/hello.html");

/// The page at every path where there is nothing.
pub const NOT_FOUND: &str = include_str!("../pages/404.html");

/// The type of both pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// The status of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 200
    Ok,
    /// 400: not HTTP/1, or not consistent.
    BadRequest,
    /// 404
    NotFound,
    /// 405: neither `GET` nor `HEAD`.
    MethodNotAllowed,
    /// 408: the request did not arrive in time.
    RequestTimeout,
    /// 431: the request head exceeds [`MAX_HEAD`](crate::request::MAX_HEAD).
    HeadTooLarge,
    /// 503: a file is there, but cannot be read at the moment.
    Unavailable,
}

impl Status {
    /// The code and the phrase, as they stand in the status line.
    #[must_use]
    pub fn line(self) -> &'static str {
        match self {
            Status::Ok => "200 OK",
            Status::BadRequest => "400 Bad Request",
            Status::NotFound => "404 Not Found",
            Status::MethodNotAllowed => "405 Method Not Allowed",
            Status::RequestTimeout => "408 Request Timeout",
            Status::HeadTooLarge => "431 Request Header Fields Too Large",
            Status::Unavailable => "503 Service Unavailable",
        }
    }
}

/// The part of a response before the body.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The status.
    pub status: Status,
    /// What the body is.
    pub content_type: &'static str,
    /// The size of the body in bytes, also where it is not sent (`HEAD`).
    pub length: u64,
    /// Whether the connection stays open afterwards.
    pub keep_alive: bool,
}

impl Head {
    /// Appends the head to `out`, with the empty line at its end.
    pub fn write(&self, out: &mut Vec<u8>) {
        let connection = if self.keep_alive {
            "keep-alive"
        } else {
            "close"
        };
        let allow = match self.status {
            Status::MethodNotAllowed => "Allow: GET, HEAD\r\n",
            _ => "",
        };
        // Writing to a `Vec` does not fail.
        let _ = write!(
            out,
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {connection}\r\n{allow}\r\n",
            self.status.line(),
            self.content_type,
            self.length,
        );
    }
}
