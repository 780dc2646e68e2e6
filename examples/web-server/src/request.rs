//! What a client asks for.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use httparse::{EMPTY_HEADER, Error, Header, Status as Parsed};

use crate::response::Status;

/// The size in bytes that a request head may have.
pub const MAX_HEAD: usize = 8 * 1024;

/// How many headers a request may have. 8 KiB would hold more, but no browser sends half as many.
const MAX_HEADERS: usize = 96;

/// A request, from its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How long the head was, in bytes, with the empty line at its end.
    pub head_len: usize,
    /// Whether the client wants the headers only: the method was `HEAD`.
    pub head_only: bool,
    /// What the client wants.
    pub route: Route,
    /// Whether the client will send another request on this connection.
    pub keep_alive: bool,
    /// What follows the head.
    pub body: Body,
}

/// What the target of a request leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Hello,
    /// `/sleep`
    Sleep,
    /// Any other path, relative to the root. It has normal components only.
    File(PathBuf),
    /// A path that no file can have.
    Nowhere,
}

/// What follows the head of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// This many bytes, often 0.
    Length(u64),
    /// A body that this server does not read: in chunks, or one that the client
    /// holds back until it is asked for it.
    Unread,
}

/// Reads a request from `bytes`; `None` if its head has not arrived in full.
///
/// # Errors
///
/// With what to answer: [`Status::BadRequest`] when it is not HTTP/1,
/// [`Status::MethodNotAllowed`] when it is neither `GET` nor `HEAD`,
/// [`Status::HeadTooLarge`] when it has too many headers or more than
/// [`MAX_HEAD`] bytes.
pub fn parse(bytes: &[u8]) -> Result<Option<Request>, Status> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let head_len = match request.parse(bytes) {
        Ok(Parsed::Complete(len)) if len <= MAX_HEAD => len,
        Ok(Parsed::Partial) if bytes.len() < MAX_HEAD => return Ok(None),
        Ok(_) | Err(Error::TooManyHeaders) => return Err(Status::HeadTooLarge),
        Err(_) => return Err(Status::BadRequest),
    };
    let (Some(method), Some(target), Some(version)) =
        (request.method, request.path, request.version)
    else {
        return Err(Status::BadRequest);
    };
    let head_only = match method {
        "GET" => false,
        "HEAD" => true,
        _ => return Err(Status::MethodNotAllowed),
    };
    Ok(Some(Request {
        head_len,
        head_only,
        route: route(target)?,
        keep_alive: keep_alive(version, request.headers),
        body: body(request.headers)?,
    }))
}

/// The values of the header `name`.
fn values<'a>(headers: &'a [Header<'_>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value.trim_ascii())
}

fn keep_alive(version: u8, headers: &[Header<'_>]) -> bool {
    let says = |word: &str| {
        values(headers, "connection")
            .flat_map(|value| value.split(|&byte| byte == b','))
            .any(|option| option.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    };
    !says("close") && (version == 1 || says("keep-alive"))
}

fn body(headers: &[Header<'_>]) -> Result<Body, Status> {
    let mut length = None;
    for value in values(headers, "content-length") {
        let parsed = parse_length(value).ok_or(Status::BadRequest)?;
        // Two lengths that differ: whoever is in between may believe the other.
        if length.is_some_and(|known| known != parsed) {
            return Err(Status::BadRequest);
        }
        length = Some(parsed);
    }
    let withheld = ["transfer-encoding", "expect"]
        .iter()
        .any(|name| values(headers, name).next().is_some());
    if withheld {
        return Ok(Body::Unread);
    }
    Ok(Body::Length(length.unwrap_or(0)))
}

fn parse_length(value: &[u8]) -> Option<u64> {
    // `u64::from_str` would take a plus sign.
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Where a request target leads.
fn route(target: &str) -> Result<Route, Status> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = match path.find("://") {
        // The absolute form, as for a proxy: the path starts after the authority.
        Some(scheme) if !path.starts_with('/') => match path[scheme + 3..].find('/') {
            Some(slash) => &path[scheme + 3 + slash..],
            None => "/",
        },
        _ => path,
    };
    match path {
        "/" => Ok(Route::Hello),
        "/sleep" => Ok(Route::Sleep),
        "*" => Ok(Route::Nowhere),
        _ => {
            let path = path.strip_prefix('/').ok_or(Status::BadRequest)?;
            Ok(relative(path)?.map_or(Route::Nowhere, Route::File))
        }
    }
}

/// The path of a file from the path of a target. `None` when a component is not
/// the name of anything: empty, `.`, `..`, or with a slash or NUL in it.
fn relative(path: &str) -> Result<Option<PathBuf>, Status> {
    let mut file = PathBuf::new();
    let mut sound = true;
    for component in path.split('/') {
        let name = percent_decode(component).ok_or(Status::BadRequest)?;
        sound &= !matches!(name.as_slice(), b"" | b"." | b"..")
            && !name.iter().any(|byte| matches!(byte, b'/' | 0));
        if sound {
            file.push(OsString::from_vec(name));
        }
    }
    Ok(sound.then_some(file))
}

/// The bytes that `text` stands for; `None` when a `%` is not followed by two digits.
fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            other => other,
        });
    }
    Some(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
