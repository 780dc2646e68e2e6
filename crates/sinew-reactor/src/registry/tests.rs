use std::task::Waker;

use super::*;
use crate::Ready;
use crate::readiness::{Direction, Waiting};

fn insert(registry: &mut Registry) -> usize {
    registry.insert().unwrap().0
}

fn remove(registry: &mut Registry, key: usize) -> bool {
    registry.remove(key).is_some()
}

#[test]
fn a_place_is_used_again_but_its_key_is_not() {
    let mut registry = Registry::new();
    let (first, place) = registry.insert().unwrap();
    assert!(remove(&mut registry, first));
    let (second, again) = registry.insert().unwrap();
    assert!(std::ptr::eq(place, again));
    assert_ne!(first, second);
    assert!(registry.get(first).is_none());
    assert!(registry.get(second).is_some());
    assert!(remove(&mut registry, second));
}

#[test]
fn nothing_is_left_of_the_source_before() {
    let mut registry = Registry::new();
    let (first, place) = registry.insert().unwrap();
    let (read, write) = (Direction::Read, Direction::Write);
    for direction in [read, write] {
        let polled = place.wait(direction, Waiting::Alone, Waker::noop());
        assert!(polled.is_none());
    }
    place.arrive(Ready::ERROR, &mut Vec::new());
    place.shut_down(&mut Vec::new());
    assert!(remove(&mut registry, first));
    let (second, again) = registry.insert().unwrap();
    assert!(std::ptr::eq(place, again));
    assert!(again.snapshot().ready().is_empty());
    assert!(!again.snapshot().is_shut_down());
    let mut wakers = Vec::new();
    again.arrive(Ready::ALL, &mut wakers);
    assert!(wakers.is_empty());
    assert!(remove(&mut registry, second));
}

#[test]
fn a_stale_key_removes_nothing() {
    let mut registry = Registry::new();
    let first = insert(&mut registry);
    assert!(remove(&mut registry, first));
    assert!(!remove(&mut registry, first));
    let second = insert(&mut registry);
    assert!(!remove(&mut registry, first));
    assert_eq!(registry.len(), 1);
    assert!(remove(&mut registry, second));
    assert_eq!(registry.len(), 0);
}

#[test]
fn keys_are_told_apart_over_many_pages() {
    let mut registry = Registry::new();
    let keys: Vec<usize> = (0..3 * PAGE + 1).map(|_| insert(&mut registry)).collect();
    let place = |key: usize| registry.get(key).map(std::ptr::from_ref);
    for (at, key) in keys.iter().enumerate() {
        assert!(keys[..at].iter().all(|other| place(*other) != place(*key)));
    }
    assert_eq!(registry.sources().count(), keys.len());
    for key in keys {
        assert!(remove(&mut registry, key));
    }
    assert_eq!(registry.len(), 0);
    assert_eq!(registry.count(), 3 * PAGE + 1);
}

#[test]
fn no_key_is_the_backends_own() {
    assert_ne!(key(u32::MAX, INDEX - 1), usize::MAX);
    let mut registry = Registry::new();
    let key = insert(&mut registry);
    assert!(registry.get(usize::MAX).is_none());
    assert!(remove(&mut registry, key));
}

#[test]
fn a_number_belongs_to_its_last_owner() {
    let mut registry = Registry::new();
    let first = insert(&mut registry);
    let second = insert(&mut registry);
    assert!(!registry.disown(5, first));
    registry.own(5, first);
    registry.own(5, second);
    assert!(!registry.disown(5, first));
    assert!(registry.disown(5, second));
    assert!(!registry.disown(5, second));
    assert!(!registry.disown(-1, second));
    for key in [first, second] {
        assert!(remove(&mut registry, key));
    }
}

#[test]
fn a_source_is_no_larger_than_it_has_to_be() {
    // The state, the lock, a waker, and a pointer to the rest.
    #[cfg(target_pointer_width = "64")]
    assert_eq!(size_of::<Readiness>(), 40);
}
