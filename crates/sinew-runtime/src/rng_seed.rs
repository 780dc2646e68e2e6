//! The seed of a runtime's random choices.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Fixes a runtime's random choices: which queue to steal from first, which
/// branch of a `select!` to poll first. See
/// [`Builder::rng_seed`](crate::Builder::rng_seed).
///
/// Which choices a seed leads to may change between versions of sinew.
#[derive(Clone, PartialEq, Eq)]
pub struct RngSeed(u64);

impl RngSeed {
    /// A seed made of any bytes. Equal bytes give equal seeds.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> RngSeed {
        // FNV-1a: the same on every machine and in every version of std.
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        RngSeed(hash)
    }
}

/// The seeds of a runtime's generators: one for each worker, then one for each
/// `block_on`, in the order of the calls.
pub(crate) struct Seeds(AtomicU64);

impl Seeds {
    pub(crate) fn new(seed: &RngSeed) -> Seeds {
        Seeds(AtomicU64::new(seed.0))
    }

    pub(crate) fn next(&self) -> u64 {
        // ORDERING: nothing else depends on the number.
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// The seed is the number itself.
impl From<u64> for RngSeed {
    fn from(seed: u64) -> RngSeed {
        RngSeed(seed)
    }
}

impl fmt::Debug for RngSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RngSeed").finish_non_exhaustive()
    }
}
