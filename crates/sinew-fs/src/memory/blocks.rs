//! The content of a file: blocks, and holes between them.

use std::collections::btree_map::{BTreeMap, Entry};
use std::io;

pub(super) const BLOCK: u64 = 4096;

/// The longest file, so that a position in it is always an `i64`.
const LONGEST: u64 = i64::MAX as u64;

/// Bytes, of which those that were never written take no room.
///
/// A block that reaches over the end has zeros there.
#[derive(Default)]
pub(super) struct Blocks {
    len: u64,
    blocks: BTreeMap<u64, Box<[u8]>>,
}

/// `from..to`, cut into the parts that lie in one block each: the block's number
/// and the part's place within it.
fn parts(from: u64, to: u64) -> impl Iterator<Item = (u64, std::ops::Range<usize>)> {
    (from / BLOCK..to.div_ceil(BLOCK)).map(move |number| {
        let start = number * BLOCK;
        let begin = from.max(start) - start;
        let end = to.min(start.saturating_add(BLOCK)) - start;
        (number, begin as usize..end as usize)
    })
}

impl Blocks {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The room that it takes.
    pub(super) fn used(&self) -> u64 {
        self.blocks.len() as u64 * BLOCK
    }

    pub(super) fn read(&self, offset: u64, len: usize) -> Vec<u8> {
        let end = offset.saturating_add(len as u64).min(self.len);
        if offset >= end {
            return Vec::new();
        }
        let mut bytes = Vec::with_capacity((end - offset) as usize);
        for (number, part) in parts(offset, end) {
            match self.blocks.get(&number) {
                Some(block) => bytes.extend_from_slice(&block[part]),
                None => bytes.resize(bytes.len() + part.len(), 0),
            }
        }
        bytes
    }

    /// Writes as many of `bytes` as there is room for: `room` bytes in new blocks.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8], room: u64) -> io::Result<usize> {
        let end = offset.saturating_add(bytes.len() as u64).min(LONGEST);
        if offset >= end && !bytes.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut room = room / BLOCK;
        let mut written = 0;
        for (number, part) in parts(offset, end) {
            let block = match self.blocks.entry(number) {
                Entry::Occupied(block) => block.into_mut(),
                Entry::Vacant(_) if room == 0 => break,
                Entry::Vacant(vacant) => {
                    room -= 1;
                    vacant.insert(vec![0; BLOCK as usize].into_boxed_slice())
                }
            };
            let piece = &bytes[written..][..part.len()];
            block[part].copy_from_slice(piece);
            written += piece.len();
        }
        if written == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.len = self.len.max(offset + written as u64);
        Ok(written)
    }

    pub(super) fn set_len(&mut self, len: u64) -> io::Result<()> {
        if len > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.blocks.split_off(&len.div_ceil(BLOCK));
        if let Some(last) = self.blocks.get_mut(&(len / BLOCK)) {
            last[(len % BLOCK) as usize..].fill(0);
        }
        self.len = len;
        Ok(())
    }
}
