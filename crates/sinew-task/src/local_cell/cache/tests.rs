use super::{ASLEEP, AWAKE, Cache};
use crate::size_class::{LARGEST, SizeClass};

#[test]
fn a_block_is_taken_again_by_its_class_only() {
    if cfg!(sinew_plain_cells) {
        return;
    }
    let cache = Cache::default();
    let (small, large) = (SizeClass::of::<[u64; 3]>(), SizeClass::of::<[u64; 5]>());
    // The same class: both are rounded up to the same size.
    assert_eq!(small, SizeClass::of::<[u64; 4]>());
    let block = cache.take(small);
    // SAFETY: it was taken for this class, and not used after this.
    unsafe { cache.give(small, block) };
    assert_eq!(cache.kept.get(), 32);
    let other = cache.take(large);
    assert_ne!(other, block);
    assert_eq!(cache.take(small), block);
    assert_eq!(cache.kept.get(), 0);
    for (class, block) in [(small, block), (large, other)] {
        // SAFETY: as above.
        unsafe { cache.give(class, block) };
    }
    assert_eq!(cache.kept.get(), 32 + 48);
}

#[test]
fn what_is_kept_is_bounded() {
    let cache = Cache::default();
    let class = SizeClass::of::<[u8; LARGEST]>();
    let blocks: Vec<_> = (0..AWAKE / LARGEST + 10)
        .map(|_| cache.take(class))
        .collect();
    for block in blocks {
        // SAFETY: it was taken for this class, and not used after this.
        unsafe { cache.give(class, block) };
        assert!(cache.kept.get() <= AWAKE);
    }
    cache.trim(ASLEEP);
    assert!(cache.kept.get() <= ASLEEP);
    cache.trim(0);
    assert_eq!(cache.kept.get(), 0);
}

#[test]
fn what_is_large_or_aligned_is_not_kept() {
    #[repr(align(64))]
    struct Aligned(#[expect(dead_code, reason = "only its layout matters")] u8);
    let cache = Cache::default();
    for class in [
        SizeClass::of::<[u8; LARGEST + 1]>(),
        SizeClass::of::<Aligned>(),
    ] {
        let block = cache.take(class);
        assert_eq!(block.addr().get() % class.align(), 0);
        // SAFETY: it was taken for this class, and not used after this.
        unsafe { cache.give(class, block) };
        assert_eq!(cache.kept.get(), 0);
    }
}
