//! When a copy goes past its buffer, by way of [`splice`](crate::splice).
//!
//! # State
//!
//! | `full` | `found` | the next bytes go |
//! |---|---|---|
//! | below `ENOUGH` | `NotYet`, `Yes` | through the buffer |
//! | `ENOUGH` | `NotYet` | whichever way the finders say |
//! | `ENOUGH` | `Yes` | by the source |
//! | any | `No` | through the buffer |

use std::io::Result;
use std::task::{Context, Poll, ready};

use sinew_core::borrowed_any::BorrowedAny;

use crate::splice::{Finder, Relay, Spliced, find};

/// So many reads that fill the buffer, one after the other, are the sign that
/// much is moved.
const ENOUGH: u8 = 2;

#[derive(Debug, Default)]
pub(super) struct Shortcut {
    /// How many reads in a row have filled the buffer.
    full: u8,
    found: Found,
}

#[derive(Debug, Default)]
enum Found {
    /// Nobody has looked.
    #[default]
    NotYet,
    No,
    Yes(Box<Way>),
}

#[derive(Debug)]
struct Way {
    source: Finder,
    target: Finder,
    relay: Relay,
}

/// One step.
#[derive(Debug)]
pub(super) enum Step {
    /// The writer has taken this many bytes.
    Moved(usize),
    /// The reader has ended.
    End,
    /// Go on with the buffer, which gets these bytes first if there are any.
    Buffer(Vec<u8>),
}

impl Shortcut {
    /// Notes that the empty buffer was read into, and whether that filled it.
    pub(super) fn note_read(&mut self, filled: bool) {
        self.full = if filled {
            self.full.saturating_add(1)
        } else {
            0
        };
    }

    /// Whether a step is worth trying.
    pub(super) fn is_due(&self) -> bool {
        self.full >= ENOUGH && !matches!(self.found, Found::No)
    }

    /// One step, between the same reader and writer each time. The buffer is
    /// empty.
    pub(super) fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        reader: BorrowedAny<'_>,
        writer: BorrowedAny<'_>,
    ) -> Poll<Result<Step>> {
        if matches!(self.found, Found::NotYet) {
            self.found = match find(reader, writer) {
                Some((source, target)) => Found::Yes(Box::new(Way {
                    source,
                    target,
                    relay: Relay::default(),
                })),
                None => Found::No,
            };
        }
        let Found::Yes(way) = &mut self.found else {
            return Poll::Ready(Ok(Step::Buffer(Vec::new())));
        };
        let source = (way.source.source)(reader);
        let spliced = match (source, (way.target.target)(writer)) {
            (Some(source), Some(target)) => ready!(source.poll_splice(cx, target, &mut way.relay))?,
            _ => Spliced::Never(Vec::new()),
        };
        Poll::Ready(Ok(match spliced {
            Spliced::Moved(count) => Step::Moved(count),
            Spliced::End => Step::End,
            Spliced::NotNow => {
                self.full = 0;
                Step::Buffer(Vec::new())
            }
            Spliced::Never(bytes) => {
                self.found = Found::No;
                Step::Buffer(bytes)
            }
        }))
    }
}
