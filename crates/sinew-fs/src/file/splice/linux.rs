//! Linux: `sendfile`, from the kernel's cache only.
//!
//! Only reading is offered. To a file, `splice` copies the bytes from the pipe to
//! the cache as a write copies them from the buffer, and may wait for the disk.

use std::io;
use std::sync::Once;
use std::task::{Context, Poll, ready};

use rustix::fs::sendfile;
use rustix::io::{Errno, retry_on_intr};
use sinew_core::borrowed_any::Shrink;
use sinew_io::splice::{Finder, Relay, Source, Spliced, Target, register};

use super::resident::resident;
use crate::cached::Quick;
use crate::file::state::Shared;
use crate::file::traits::INLINE;
use crate::file::{Arm, File};

/// Tells sinew-io what is here. To be called before a file is given out.
pub(in crate::file) fn offer() {
    static OFFERED: Once = Once::new();
    OFFERED.call_once(|| {
        register(Finder {
            source: |reader| match &reader.downcast::<File>()?.arm {
                Arm::System(shared) => Some(&**shared),
                Arm::Virtual(_) => None,
            },
            target: |_| None,
        });
    });
}

// SAFETY: it has no lifetimes.
unsafe impl Shrink for File {
    type To<'a> = File;
}

impl Source for Shared {
    fn poll_splice(
        &self,
        cx: &mut Context<'_>,
        target: &dyn Target,
        _: &mut Relay,
    ) -> Poll<io::Result<Spliced>> {
        let Some(count) = sendable(self) else {
            return Poll::Ready(Ok(Spliced::NotNow));
        };
        let file = self.std();
        let sent = target.poll_take(cx, &mut |to| {
            Ok(retry_on_intr(|| sendfile(to, file, None, count))?)
        });
        Poll::Ready(match ready!(sent) {
            // It was cut short meanwhile.
            Ok(0) => Ok(Spliced::NotNow),
            Ok(count) => Ok(Spliced::Moved(count)),
            Err(error) => match Errno::from_io_error(&error) {
                Some(Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::OPNOTSUPP) => {
                    Ok(Spliced::Never(Vec::new()))
                }
                _ => Err(error),
            },
        })
    }
}

/// How many bytes the kernel can send from the file's position at once, if the
/// next read would get them from it and at once.
fn sendable(shared: &Shared) -> Option<usize> {
    let state = shared.lock();
    let idle = state.job.is_none() && !state.has_result() && state.ahead.len() == 0;
    if !(idle && state.reads != Quick::Never && shared.is_local()) {
        return None;
    }
    resident(shared.std(), INLINE.min(state.max))
}
