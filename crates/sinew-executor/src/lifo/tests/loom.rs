//! The slot for the next task, against one that takes from it.

use std::ptr;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::lifo::Lifo;

/// Each entry comes out once, and with what was written before it was put in.
#[test]
fn owner_and_thief() {
    loom::model(|| {
        let lifo = Arc::new(Lifo::new());
        let written = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let thief = {
            let (lifo, written) = (lifo.clone(), written.clone());
            thread::spawn(move || {
                let taken = lifo.take()?.addr() - 1;
                assert_eq!(written[taken].load(Ordering::Relaxed), 1);
                Some(taken)
            })
        };
        let mut got = Vec::new();
        for n in 0..2 {
            written[n].store(1, Ordering::Relaxed);
            // SAFETY: this thread is the owner.
            let old = unsafe { lifo.put(ptr::without_provenance_mut(n + 1)) };
            got.extend(old.map(|old| old.addr() - 1));
        }
        got.extend(lifo.take().map(|entry| entry.addr() - 1));
        got.extend(thief.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [0, 1]);
    });
}
