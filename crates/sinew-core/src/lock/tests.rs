#[cfg(not(sinew_loom))]
mod kept;
#[cfg(sinew_loom)]
mod loom;
#[cfg(not(sinew_loom))]
mod threads;
