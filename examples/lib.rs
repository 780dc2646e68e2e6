//! The small examples, one file each, beside this one: see `README.md`.
