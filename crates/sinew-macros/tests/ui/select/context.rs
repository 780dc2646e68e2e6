//! The macros outside of async code.

fn main() {
    sinew_core::select! {
        _ = async {} => {}
    }
    sinew_core::join!(async {}, async {});
}
