use std::ptr;

use crate::lifo::Lifo;

#[test]
fn holds_one_and_gives_back_the_one_before() {
    let lifo = Lifo::new();
    let entry = ptr::without_provenance_mut::<()>;
    assert!(lifo.is_empty());
    assert_eq!(lifo.take(), None);
    // SAFETY: one thread.
    assert_eq!(unsafe { lifo.put(entry(1)) }, None);
    // SAFETY: as above.
    assert_eq!(unsafe { lifo.put(entry(2)) }, Some(entry(1)));
    assert_eq!(lifo.take(), Some(entry(2)));
    assert!(lifo.is_empty());
}
