use super::*;

fn source() -> Arc<Readiness> {
    Arc::new(Readiness::new())
}

#[test]
fn a_slot_is_used_again_but_its_key_is_not() {
    let mut registry = Registry::new();
    let first = registry.insert(source()).unwrap();
    registry.remove(first).unwrap();
    let second = registry.insert(source()).unwrap();
    assert_eq!(first & INDEX, second & INDEX);
    assert_ne!(first, second);
    assert!(registry.get(first).is_none());
    assert!(registry.get(second).is_some());
}

#[test]
fn a_stale_key_removes_nothing() {
    let mut registry = Registry::new();
    let first = registry.insert(source()).unwrap();
    registry.remove(first).unwrap();
    let second = registry.insert(source()).unwrap();
    assert!(registry.remove(first).is_none());
    assert_eq!(registry.len(), 1);
    assert!(registry.remove(second).is_some());
    assert_eq!(registry.len(), 0);
}

#[test]
fn the_count_wraps() {
    let mut registry = Registry::new();
    registry.count = usize::MAX;
    let key = registry.insert(source()).unwrap();
    assert!(registry.get(key).is_some());
}

#[test]
fn no_key_is_the_backends_own() {
    let mut registry = Registry::new();
    registry.count = usize::MAX - 1;
    let key = registry.insert(source()).unwrap();
    assert_ne!(key, usize::MAX);
    assert!(registry.get(usize::MAX).is_none());
}

#[test]
fn a_number_belongs_to_its_last_owner() {
    let mut registry = Registry::new();
    let first = registry.insert(source()).unwrap();
    let second = registry.insert(source()).unwrap();
    assert!(!registry.disown(5, first));
    registry.own(5, first);
    registry.own(5, second);
    assert!(!registry.disown(5, first));
    assert!(registry.disown(5, second));
    assert!(!registry.disown(5, second));
    assert!(!registry.disown(-1, second));
}
