//! Every operation against its counterpart in `std`, over readers and writers that follow a
//! script: any chunking, `Pending` anywhere, interruptions, short writes, errors.

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
mod adapters;
mod budget;
mod buf_read;
mod buffers;
mod bytes;
mod cancel;
mod copy;
mod halves;
mod memory;
mod numbers;
mod read;
mod script;
#[cfg(unix)]
mod splice;
mod stdio;
#[cfg(target_os = "linux")]
mod terminal;
mod write;
