#[cfg(not(sinew_loom))]
mod unit;
