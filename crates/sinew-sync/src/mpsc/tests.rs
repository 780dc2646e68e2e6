#[cfg(sinew_loom)]
mod loom;
#[cfg(not(sinew_loom))]
mod memory;
#[cfg(not(sinew_loom))]
mod model;
