use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::Gate;

#[test]
fn owner_and_readers_exclude_each_other() {
    let gate = Arc::new(Gate::default());
    let inside = Arc::new(AtomicUsize::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    gate.enter();
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (gate, inside, stop) = (gate.clone(), inside.clone(), stop.clone());
            thread::spawn(move || {
                let mut reads = 0;
                while !stop.load(Ordering::Acquire) || reads == 0 {
                    gate.read(|| (), || assert_eq!(inside.load(Ordering::SeqCst), 0));
                    reads += 1;
                }
            })
        })
        .collect();
    for round in 0..20 {
        inside.store(1, Ordering::SeqCst);
        thread::yield_now();
        inside.store(0, Ordering::SeqCst);
        match round % 2 {
            0 => gate.step_aside(),
            _ => {
                gate.leave();
                gate.enter();
            }
        }
    }
    gate.leave();
    stop.store(true, Ordering::Release);
    for reader in readers {
        reader.join().unwrap();
    }
}
