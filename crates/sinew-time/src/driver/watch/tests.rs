#[cfg(sinew_loom)]
mod loom;

#[cfg(not(sinew_loom))]
mod unit {
    use super::super::{GRACE, Watch};

    #[test]
    fn nobody_unparks_a_watcher_that_is_awake() {
        let watch = Watch::new();
        assert!(!watch.is_overslept(7));
        assert_eq!(watch.begin(u64::MAX, || u64::MAX), u64::MAX);
        watch.end();
        assert!(!watch.is_overslept(7));
    }

    #[test]
    fn the_watcher_is_up_soon_after_the_first_deadline() {
        let watch = Watch::new();
        assert_eq!(watch.begin(u64::MAX, || 7), 7 + GRACE);
        watch.end();
        assert_eq!(watch.begin(3, || 7), 3);
    }

    #[test]
    fn only_what_it_would_oversleep_for_long_ends_a_wait_and_once() {
        let watch = Watch::new();
        assert_eq!(watch.begin(10 * GRACE, || u64::MAX), 10 * GRACE);
        assert!(!watch.is_overslept(10 * GRACE));
        assert!(!watch.is_overslept(8 * GRACE));
        assert!(watch.is_overslept(8 * GRACE - 1));
        assert!(!watch.is_overslept(8 * GRACE - 1), "told once");
        assert!(watch.is_overslept(1), "much earlier still");
    }
}
