//! Benchmarks live beside this file, one for each subject; see `README.md`.
