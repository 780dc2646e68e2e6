#[cfg(sinew_loom)]
mod loom;
