//! How late an entry may be woken for.

/// Spans from 2^25 ns, 34 ms, on have some slack.
const FIRST: u32 = 25;
/// A span of 2^n ns has a slack of 2^(n - 8) ns: between a 512th and a 256th of it.
const SHIFT: u32 = 8;
/// The most is 2^20 ns, 1.05 ms.
const MOST: u32 = 20;

/// By how much an entry may be late so that it shares a wake-up with others; they
/// are never early. Grows with the span that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slack(
    /// The binary logarithm of nanoseconds, or 0 for none.
    u8,
);

impl Slack {
    pub(crate) const NONE: Slack = Slack(0);

    /// For an entry that is so far ahead when it is made, in nanoseconds.
    #[inline]
    pub(crate) fn of_span(span: u64) -> Slack {
        if span < 1 << FIRST {
            return Slack::NONE;
        }
        Slack((span.ilog2() - SHIFT).min(MOST) as u8)
    }

    /// Until when an entry of this deadline must be woken for.
    #[inline]
    pub(crate) fn latest(self, deadline: u64) -> u64 {
        match self {
            Slack::NONE => deadline,
            Slack(log) => deadline.saturating_add(1 << log),
        }
    }

    pub(crate) const fn to_bits(self) -> u32 {
        self.0 as u32
    }

    pub(crate) const fn from_bits(bits: u32) -> Slack {
        Slack(bits as u8)
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::Slack;

    fn slack(span: u64) -> u64 {
        Slack::of_span(span).latest(0)
    }

    #[test]
    fn is_a_small_part_of_the_span() {
        const MS: u64 = 1_000_000;
        for ms in [0, 1, 33] {
            assert_eq!(slack(ms * MS), 0, "{ms} ms");
        }
        for ms in [34, 100, 200, 268] {
            let slack = slack(ms * MS);
            assert!(
                (ms * MS / 512..=ms * MS / 256).contains(&slack),
                "{ms} ms: {slack}"
            );
        }
        for ms in [269, 1_000, 60_000, u64::MAX / MS] {
            assert_eq!(slack(ms * MS), 1 << 20, "{ms} ms");
        }
    }
}
