//! Unix sockets, on the real system.

mod datagrams;
mod pipes;
mod seqpackets;
mod streams;
