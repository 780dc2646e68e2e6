use std::collections::HashMap;
use std::sync::Arc;

use sinew_task::{Id, JoinHandle, Runnable, Schedule, spawn_on};

use crate::join_map::index::Index;

struct Refuse;

impl Schedule for Refuse {
    fn schedule(&self, task: Runnable) {
        drop(task);
    }
}

fn task() -> JoinHandle<()> {
    spawn_on(Arc::new(Refuse), async {})
}

/// Against a plain map, with hashes that collide much.
#[test]
fn behaves_as_a_map_in_both_directions() {
    let mut index = Index::with_capacity(4);
    let mut model: HashMap<u32, Id> = HashMap::new();
    let mut random = 12_345_u32;
    for _ in 0..2000 {
        random = random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let key = (random >> 16) % 24;
        if random & 0x4000_0000 == 0 {
            let abort = task().abort_handle();
            let before = model.insert(key, abort.id());
            let replaced = index.insert(u64::from(key % 3), key, abort);
            assert_eq!(replaced.map(|(_, abort)| abort.id()), before);
        } else if let Some(id) = model.remove(&key) {
            assert!(index.contains_task(id));
            assert_eq!(index.remove_task(id), Some(key));
            assert_eq!(index.remove_task(id), None);
        }
        assert_eq!(index.len(), model.len());
        for key in 0..24 {
            let found = index.find(u64::from(key % 3), |other| *other == key);
            assert_eq!(
                found.map(|entry| entry.abort.id()),
                model.get(&key).copied()
            );
        }
    }
    index.reserve(100);
    assert!(index.capacity() >= index.len());
    index.shrink_to(0);
    index.clear();
    assert_eq!(index.entries().count(), 0);
}
