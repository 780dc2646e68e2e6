//! A point in time as one number.

use std::time::Duration;

use super::{ORIGIN, nanos};
use crate::instant::Instant;

/// A point in time as nanoseconds from the origin, before it or after. What is
/// farther away than 292 years is cut to that, and the end of the range is never.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Point(i64);

impl Point {
    #[inline]
    pub(crate) fn at(time: Instant) -> Point {
        match i64::try_from(nanos(time - *ORIGIN)) {
            // That, or a time before it.
            Ok(0) => Point::before(time),
            Ok(after) => Point(after),
            Err(_) => Point(i64::MAX),
        }
    }

    #[cold]
    fn before(time: Instant) -> Point {
        let before = nanos(*ORIGIN - time);
        Point(i64::try_from(before).map_or(i64::MIN, |before| -before))
    }

    /// So long after a time in nanoseconds since the origin.
    #[inline]
    pub(super) fn after(now: u64, span: Duration) -> Point {
        let sum = now.saturating_add(nanos(span));
        Point(i64::try_from(sum).unwrap_or(i64::MAX))
    }

    /// As wheels count: from the origin, before which everything has passed.
    #[inline]
    pub(crate) fn nanos(self) -> u64 {
        match self.0 {
            i64::MAX => u64::MAX,
            nanos => u64::try_from(nanos).unwrap_or(0),
        }
    }

    pub(crate) fn instant(self) -> Instant {
        let distance = Duration::from_nanos(self.0.unsigned_abs());
        if self.0 >= 0 {
            return ORIGIN.add_or_far(distance);
        }
        ORIGIN.checked_sub(distance).unwrap_or(*ORIGIN)
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::*;

    const YEAR: Duration = Duration::from_secs(365 * 86_400);

    #[test]
    fn is_exact_for_all_that_is_near() {
        let spans = [0, 1, 999_999_999, 1_000_000_000, u64::MAX >> 2].map(Duration::from_nanos);
        for span in spans {
            let after = *ORIGIN + span;
            assert_eq!(Point::at(after).instant(), after);
            assert_eq!(Point::at(after), Point::after(0, span));
            assert_eq!(Point::at(after).nanos(), nanos(span));
            if let Some(before) = ORIGIN.checked_sub(span) {
                assert_eq!(Point::at(before).instant(), before);
                assert_eq!(Point::at(before).nanos(), 0);
            }
        }
    }

    #[test]
    fn what_is_far_away_is_cut_and_never_comes() {
        let far = ORIGIN.checked_add(400 * YEAR);
        for point in far.map(Point::at).into_iter().chain([
            Point::after(0, Duration::MAX),
            Point::after(u64::MAX, Duration::ZERO),
            Point::after(1, Duration::from_nanos(i64::MAX as u64)),
        ]) {
            assert_eq!(point.nanos(), u64::MAX);
            assert!(point.instant() > *ORIGIN + YEAR / 2);
        }
    }
}
