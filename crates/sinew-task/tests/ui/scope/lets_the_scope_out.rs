//! Nobody can keep the scope and spawn when it has ended.
use sinew_task::{Scope, scope};

fn main() {
    let mut kept: Option<&Scope<'_, '_>> = None;
    sinew_core::block_on(scope(async |s| {
        kept = Some(s);
    }));
    let _ = kept;
}
