//! What the servers and the load have in common: the ways to talk, and addresses
//! as text.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// How server and load talk to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP over loopback.
    Tcp,
    /// Unix streams.
    Unix,
    /// UDP over loopback.
    Udp,
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "tcp" => Ok(Transport::Tcp),
            "unix" => Ok(Transport::Unix),
            "udp" => Ok(Transport::Udp),
            other => Err(format!("unknown transport `{other}`")),
        }
    }
}

/// Where a server listens.
#[derive(Clone, Debug)]
pub enum Address {
    /// Of TCP and UDP.
    Ip(SocketAddr),
    /// Of Unix streams.
    Path(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Ip(addr) => addr.fmt(f),
            Address::Path(path) => path.display().fmt(f),
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(text
            .parse()
            .map_or_else(|_| Address::Path(text.into()), Address::Ip))
    }
}

/// A socket path of this process.
#[must_use]
pub fn socket_path() -> PathBuf {
    std::env::temp_dir().join(format!("net-bench-{}", std::process::id()))
}
