//! The processor's counter that the system's clock is made of.
//!
//! Linux makes its monotonic clock, where it can, of the *time stamp counter* of x86
//! processors: it multiplies and adds, and from time to time it adjusts the factor.
//! Reading the counter takes less than half as long as reading the clock. [`read`]
//! gives it out where the kernel itself uses it for its clock; it does so only where the
//! counter keeps one pace and agrees on all processors, which it goes on to check.

/// What the counter shows, or `None` where the system's clock is not made of it.
///
/// In units of no particular length: count how many there are in a known time. It
/// may be read up to some hundred instructions early, as the processor sees fit, and
/// on a machine that is moved or restored from a picture it may leap, forwards and back.
#[inline]
#[must_use]
pub fn read() -> Option<u64> {
    counter::read()
}

#[cfg(all(target_arch = "x86_64", target_os = "linux", not(miri)))]
mod counter {
    use std::fs::File;
    use std::io::Read;
    use std::sync::atomic::{AtomicU8, Ordering};

    const UNKNOWN: u8 = 0;
    const USED: u8 = 1;
    const UNUSED: u8 = 2;

    /// Whether the kernel uses the counter, as of the first call.
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

    #[inline]
    pub(super) fn read() -> Option<u64> {
        // ORDERING: Relaxed; the state is all there is, and finding it twice is harmless.
        if STATE.load(Ordering::Relaxed) != USED && !is_found() {
            return None;
        }
        // SAFETY: the kernel reads the counter in user space to tell the time, so a
        // program may.
        Some(unsafe { std::arch::x86_64::_rdtsc() })
    }

    #[cold]
    fn is_found() -> bool {
        if STATE.load(Ordering::Relaxed) == UNKNOWN {
            let state = if is_clock_source() { USED } else { UNUSED };
            STATE.store(state, Ordering::Relaxed);
        }
        STATE.load(Ordering::Relaxed) == USED
    }

    fn is_clock_source() -> bool {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        let mut name = [0; 8];
        let read = File::open(path).and_then(|mut file| file.read(&mut name));
        read.is_ok_and(|length| name[..length].trim_ascii() == b"tsc")
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", not(miri))))]
mod counter {
    #[inline]
    pub(super) fn read() -> Option<u64> {
        None
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::read;

    #[test]
    fn is_there_always_or_never() {
        let first = read();
        assert!((0..100).all(|_| read().is_some() == first.is_some()));
    }
}
