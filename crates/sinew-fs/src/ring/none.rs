//! Systems without.

use std::fs::File;
use std::io;

/// There is none.
pub(crate) enum Ring {}

/// Never gives one.
///
/// # Errors
///
/// [`Unsupported`](io::ErrorKind::Unsupported).
pub(crate) fn get() -> Result<&'static Ring, io::Error> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Ring {
    pub(crate) fn takes(&self, _file: &File) -> bool {
        match *self {}
    }

    pub(crate) fn read<F>(
        &self,
        _file: F,
        _bytes: Vec<u8>,
        _count: usize,
        _done: impl FnOnce(F, io::Result<Vec<u8>>),
    ) {
        match *self {}
    }

    pub(crate) fn write<F>(
        &self,
        _file: F,
        _bytes: Vec<u8>,
        _done: impl FnMut(&F, io::Result<()>, Vec<u8>) -> Option<Vec<u8>>,
    ) {
        match *self {}
    }

    pub(crate) fn sync<F>(&self, _file: F, _data: bool, _done: impl FnOnce(F, io::Result<()>)) {
        match *self {}
    }
}
