use std::future::pending;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sinew_runtime::Nursery;
use sinew_sync::oneshot;
use sinew_task::yield_now;

use crate::conformance::multi;

/// Dropped with another one on another thread, it ends in step with that.
struct InStep(Arc<AtomicUsize>);

impl Drop for InStep {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        // The other one may be dropped by this thread too, later.
        let mut spins = 0;
        while self.0.load(Ordering::SeqCst) % 2 == 1 && spins < 1_000 {
            spins += 1;
            spin_loop();
        }
    }
}

/// Which of them is the last is told by one of them, also where none can foresee it.
#[test]
fn tasks_that_end_at_once_skip_no_clean_up() {
    multi(3).block_on(async {
        for round in 0..5_000 {
            let nursery = Nursery::new("ending");
            let (cleaned, clean_up) = oneshot::channel();
            nursery.defer(async move {
                cleaned.send(()).unwrap();
            });
            let dropped = Arc::new(AtomicUsize::new(0));
            for _ in 0..2 {
                let held = InStep(dropped.clone());
                nursery.spawn(async move {
                    let _held = held;
                    pending::<()>().await;
                });
            }
            yield_now().await;
            // Aborts them, and another worker may drop one of them.
            drop(nursery);
            assert!(clean_up.await.is_ok(), "round {round}");
        }
    });
}
