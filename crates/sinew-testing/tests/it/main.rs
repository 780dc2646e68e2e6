//! The tools tested as a test uses them.

mod cancel;
mod mock;
mod scripted;
mod stream_mock;
mod task;
