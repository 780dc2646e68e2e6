//! The async book, running: one small program for each thing that it explains or
//! plans to explain, in `examples/`, named after its chapter.
//!
//! `cargo run -p book --example NAME` runs one. Each says in its first lines what
//! it prints, and `cargo xtask book` runs all of them and compares. In those lines
//! `[..]` stands for what differs from run to run.
//!
//! The table of all of them is in `examples/README.md`.
