//! Asking the system's resolver for a host name.
//!
//! `getaddrinfo` blocks, so it is called on the blocking pool. While one call for
//! a name is under way, everybody else who asks for that name waits for the same
//! answer: a thousand connects to one host are one question. Nothing is kept
//! after the answer; caching is the resolver's own business.
//!
//! # Life of a question
//!
//! The first to ask enters a [`Question`] under the name and sends a closure to
//! its blocking pool, which owns the question from then on: it goes on when the
//! first asker is dropped. When the closure ends, and also when the pool drops it
//! unrun (`Asking::drop`), the question is taken out of the table and all who
//! wait are woken. Who finds that it was never asked, because the asker's pool was
//! shut down, asks again on a pool of its own.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use sinew_core::leaf::{self, Kind, Wait};
use sinew_core::waker::WakeList;
use sinew_time::Timers;

/// How long an answer may take. The resolver's own patience ends before that, by
/// its default of two rounds of three servers with five seconds each; it is for
/// resolvers that hang.
const PATIENCE: Duration = Duration::from_secs(45);

/// How often a question is asked that nobody answers because a pool goes down.
const ATTEMPTS: usize = 2;

/// The questions under way, by name.
static TABLE: Mutex<Option<HashMap<String, Arc<Question>>>> = Mutex::new(None);

fn table() -> MutexGuard<'static, Option<HashMap<String, Arc<Question>>>> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One question, and who waits for its answer.
#[derive(Default)]
struct Question {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<Answer>,
    waiting: Vec<Waker>,
}

#[derive(Clone)]
enum Answer {
    Found(Arc<[SocketAddr]>),
    Failed(Arc<io::Error>),
    /// The pool dropped the closure.
    NotAsked,
}

impl Question {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The closure's hold on its question: answers it when dropped.
struct Asking {
    host: String,
    question: Arc<Question>,
    answer: Answer,
}

impl Asking {
    fn ask(mut self) {
        // The port is each asker's own.
        let found = (self.host.as_str(), 0).to_socket_addrs();
        self.answer = match found {
            Ok(addrs) => Answer::Found(addrs.collect()),
            Err(error) => Answer::Failed(Arc::new(error)),
        };
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(table) = &mut *table() {
            table.remove(&self.host);
        }
        let waiting = {
            let mut state = self.question.state();
            state.answer = Some(self.answer.clone());
            std::mem::take(&mut state.waiting)
        };
        let mut batch = WakeList::new();
        for waker in waiting {
            if !batch.can_push() {
                batch.wake_all();
            }
            batch.push(waker);
        }
        batch.wake_all();
    }
}

/// The question for `host` that is under way, or a new one, which the caller has
/// to ask.
fn enter(host: &str) -> (Arc<Question>, Option<Asking>) {
    let mut table = table();
    let table = table.get_or_insert_default();
    if let Some(question) = table.get(host) {
        return (Arc::clone(question), None);
    }
    let question = Arc::new(Question::default());
    table.insert(host.to_owned(), Arc::clone(&question));
    let asking = Asking {
        host: host.to_owned(),
        question: Arc::clone(&question),
        answer: Answer::NotAsked,
    };
    (question, Some(asking))
}

/// The addresses of `host`, each with `port`.
pub(crate) async fn ask(host: &str, port: u16, wait: Wait) -> io::Result<Vec<SocketAddr>> {
    for _ in 0..ATTEMPTS {
        let (question, asking) = enter(host);
        if let Some(asking) = asking {
            // The closure goes on without its handle.
            drop(sinew_blocking::spawn_blocking(move || asking.ask()));
        }
        match limited(answer(&question, wait)).await? {
            Answer::Found(addrs) => {
                let with_port = |addr: &SocketAddr| {
                    let mut addr = *addr;
                    addr.set_port(port);
                    addr
                };
                return Ok(addrs.iter().map(with_port).collect());
            }
            Answer::Failed(error) => return Err(resolver_error(&error)),
            Answer::NotAsked => {}
        }
    }
    Err(io::Error::other("the blocking pool was shut down"))
}

/// Waits until the question is answered. A task that waits no more leaves its
/// waker behind, until the answer comes.
async fn answer(question: &Question, wait: Wait) -> Answer {
    poll_fn(|cx| {
        let mut state = question.state();
        if let Some(answer) = &state.answer {
            return Poll::Ready(answer.clone());
        }
        if !state.waiting.iter().any(|one| one.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        drop(state);
        leaf::pending(&wait)
    })
    .await
}

/// Gives `future` as long as an answer may take.
async fn limited<F: Future>(future: F) -> io::Result<F::Output> {
    if Timers::current().is_ok_and(|timers| timers.is_paused()) {
        // The resolver takes real time; a paused clock would leap over it.
        return Ok(future.await);
    }
    let answered = sinew_time::timeout(PATIENCE, future).await;
    answered.map_err(|_| {
        let message = format!("the resolver did not answer within {PATIENCE:?}");
        io::Error::new(io::ErrorKind::TimedOut, message)
    })
}

/// The same error again, for one of several who asked.
fn resolver_error(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        // An error of the operating system proper has a number; without one it
        // is the resolver that speaks, in words only.
        None => io::Error::new(io::ErrorKind::NotFound, error.to_string()),
    }
}

/// What a task that waits for `host` is shown to wait for.
pub(crate) fn wait(location: &'static Location<'static>) -> Wait {
    Wait {
        kind: Kind::Blocking,
        resource: 0,
        location,
    }
}

#[cfg(test)]
mod tests;
