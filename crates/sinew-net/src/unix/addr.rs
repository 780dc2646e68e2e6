//! What a Unix socket is called.

use std::fmt;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net;
use std::path::Path;

use socket2::SockAddr;

/// The address of a Unix socket: a path, an abstract name (Linux), or nothing.
///
/// ```
/// use sinew_net::UnixDatagram;
///
/// # fn main() -> std::io::Result<()> {
/// let (one, _other) = UnixDatagram::pair()?;
/// assert!(one.local_addr()?.is_unnamed());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SocketAddr(net::SocketAddr);

impl SocketAddr {
    /// Whether the socket has no name.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        self.0.is_unnamed()
    }

    /// The path that the socket is bound to, if it is one.
    #[must_use]
    pub fn as_pathname(&self) -> Option<&Path> {
        self.0.as_pathname()
    }

    /// The abstract name that the socket is bound to, without the zero byte in
    /// front, if it is one. `None` on systems that have no such names.
    #[must_use]
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            #[cfg(target_os = "android")]
            use std::os::android::net::SocketAddrExt;
            #[cfg(target_os = "linux")]
            use std::os::linux::net::SocketAddrExt;

            self.0.as_abstract_name()
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        None
    }

    /// The address that `path` means: an abstract name if it begins with a zero
    /// byte and the system has such names, else the path.
    pub(crate) fn from_path(path: &Path) -> io::Result<SocketAddr> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Some(name) = path.as_os_str().as_bytes().strip_prefix(b"\0") {
            return SocketAddr::from_abstract_name(name);
        }
        net::SocketAddr::from_pathname(path).map(SocketAddr)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn from_abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
        #[cfg(target_os = "android")]
        use std::os::android::net::SocketAddrExt;
        #[cfg(target_os = "linux")]
        use std::os::linux::net::SocketAddrExt;

        net::SocketAddr::from_abstract_name(name).map(SocketAddr)
    }

    pub(crate) fn from_socket2(addr: &SockAddr) -> io::Result<SocketAddr> {
        // Some systems give no address at all, or one without a family, for a
        // socket without a name.
        if addr.is_unnamed() || addr.len() == 0 {
            return SocketAddr::unnamed();
        }
        if let Some(path) = addr.as_pathname() {
            return net::SocketAddr::from_pathname(path).map(SocketAddr);
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Some(name) = addr.as_abstract_namespace() {
            return SocketAddr::from_abstract_name(name);
        }
        SocketAddr::unnamed()
    }

    /// The address of a socket without a name.
    pub(crate) fn unnamed() -> io::Result<SocketAddr> {
        net::SocketAddr::from_pathname("").map(SocketAddr)
    }

    pub(crate) fn to_socket2(&self) -> io::Result<SockAddr> {
        if let Some(path) = self.as_pathname() {
            return SockAddr::unix(path);
        }
        match self.as_abstract_name() {
            Some(name) => SockAddr::unix(Path::new(std::ffi::OsStr::from_bytes(
                &[b"\0", name].concat(),
            ))),
            None => SockAddr::unix(""),
        }
    }

    pub(crate) fn as_std(&self) -> &net::SocketAddr {
        &self.0
    }
}

impl From<net::SocketAddr> for SocketAddr {
    fn from(addr: net::SocketAddr) -> SocketAddr {
        SocketAddr(addr)
    }
}

impl From<SocketAddr> for net::SocketAddr {
    fn from(addr: SocketAddr) -> net::SocketAddr {
        addr.0
    }
}

impl fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// As it stands in messages: the path, `@` and the abstract name, or `(unnamed)`.
pub(crate) struct Shown<'a>(pub(crate) &'a SocketAddr);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.0.as_pathname() {
            return path.display().fmt(f);
        }
        match self.0.as_abstract_name() {
            Some(name) => write!(f, "@{}", name.escape_ascii()),
            None => f.write_str("(unnamed)"),
        }
    }
}

/// A path as it stands in messages.
pub(crate) struct ShownPath<'a>(pub(crate) &'a Path);

impl fmt::Display for ShownPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_os_str().as_bytes().strip_prefix(b"\0") {
            Some(name) => write!(f, "@{}", name.escape_ascii()),
            None => self.0.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
