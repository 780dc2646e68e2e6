//! The tools tested as a test uses them.

mod mock;
mod scripted;
mod stream_mock;
mod task;
