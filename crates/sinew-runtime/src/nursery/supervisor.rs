//! Workers that are started again when they fail.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::pin::Pin;

use sinew_sync::CancellationToken;
use sinew_task::{Id, JoinError};
use sinew_time::{Instant, sleep};

use super::current;
use super::member::Within;
use super::outcome::{BoxError, Outcome};
use super::restart::{Intensity, RestartPolicy};
use crate::JoinSet;

/// Who is started again when one fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The one that failed.
    OneForOne,
    /// All that have not ended well: the others are aborted first. For workers that
    /// cannot go on without each other.
    OneForAll,
}

type Run = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

struct Worker {
    name: Box<str>,
    make: Box<dyn FnMut() -> Run + Send>,
    /// It has ended well, and is not started again.
    done: bool,
}

/// Workers that are started again when they fail, within the limits of a
/// [`RestartPolicy`], which they share.
///
/// A worker fails if it panics, gives an `Err`, or is aborted by somebody else. One that
/// ends well is done. When the nursery around is cancelled, none is started any more.
///
/// ```
/// use sinew_runtime::Nursery;
/// use sinew_runtime::nursery::{Backoff, RestartPolicy, Strategy, Supervisor};
/// use std::time::Duration;
///
/// # sinew_runtime::block_on(async {
/// let nursery = Nursery::new("service");
/// let policy = RestartPolicy { max: 3, window: Duration::from_secs(5), backoff: Backoff::NONE };
/// let mut tries = 0;
/// let supervisor = Supervisor::new(Strategy::OneForOne, policy).worker("flaky", move || {
///     tries += 1;
///     async move { if tries < 3 { Err("not yet") } else { Ok(()) } }
/// });
/// nursery.spawn(supervisor.run());
/// nursery.join().await.unwrap();
/// # });
/// ```
#[must_use = "a supervisor does nothing until it runs"]
pub struct Supervisor {
    strategy: Strategy,
    intensity: Intensity,
    workers: Vec<Worker>,
    location: &'static Location<'static>,
}

impl Supervisor {
    /// A supervisor without workers.
    #[track_caller]
    pub fn new(strategy: Strategy, policy: RestartPolicy) -> Supervisor {
        Supervisor {
            strategy,
            intensity: Intensity::new(policy),
            workers: Vec::new(),
            location: Location::caller(),
        }
    }

    /// Adds a worker: `make` is called for each start.
    pub fn worker<M, F>(mut self, name: impl Into<Box<str>>, mut make: M) -> Supervisor
    where
        M: FnMut() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        self.workers.push(Worker {
            name: name.into(),
            make: Box::new(move || {
                let run = make();
                Box::pin(async { run.await.outcome() })
            }),
            done: false,
        });
        self
    }

    /// Starts the workers, each as a task of its own, and ends when all are done.
    ///
    /// # Errors
    ///
    /// When a worker fails once too often: the others are aborted and waited for first.
    /// Also when one fails while the nursery is cancelled: after the others have ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future aborts the workers.
    pub async fn run(mut self) -> Result<(), SupervisorError> {
        let nursery = current::get();
        let token = nursery.as_ref().map(|core| core.token().clone());
        let mut tasks = Tasks {
            set: JoinSet::new(),
            running: HashMap::new(),
        };
        for index in 0..self.workers.len() {
            tasks.start(index, &mut self.workers[index]);
        }
        let mut last = Ok(());
        while let Some((index, result)) = tasks.next().await {
            let Err(cause) = result else {
                self.workers[index].done = true;
                continue;
            };
            if token.as_ref().is_some_and(CancellationToken::is_cancelled) {
                // The others may still end by themselves.
                self.workers[index].done = true;
                last = last.and(Err(self.error(index, cause)));
                continue;
            }
            let Some(wait) = self.intensity.failed(Instant::now()) else {
                tasks.set.shutdown().await;
                return Err(self.error(index, cause));
            };
            if self.strategy == Strategy::OneForAll {
                self.end_others(&mut tasks).await;
            }
            // `OneForOne` holds the other restarts back meanwhile: the limits are
            // shared, and so is the wait.
            let pause = sleep(wait);
            match &token {
                Some(token) => {
                    if token.run_until_cancelled(pause).await.is_none() {
                        self.workers[index].done = true;
                        continue;
                    }
                }
                None => pause.await,
            }
            self.restart(index, &mut tasks);
        }
        last
    }

    fn error(&mut self, index: usize, cause: WorkerFailure) -> SupervisorError {
        SupervisorError {
            worker: mem::take(&mut self.workers[index].name),
            cause,
            location: self.location,
        }
    }

    /// Aborts all workers, and notes which end well nonetheless.
    async fn end_others(&mut self, tasks: &mut Tasks) {
        tasks.set.abort_all();
        while let Some((index, result)) = tasks.next().await {
            self.workers[index].done = result.is_ok();
        }
    }

    fn restart(&mut self, failed: usize, tasks: &mut Tasks) {
        for (index, worker) in self.workers.iter_mut().enumerate() {
            let is_meant = index == failed || self.strategy == Strategy::OneForAll;
            if is_meant && !worker.done {
                tasks.start(index, worker);
            }
        }
    }
}

/// The workers' tasks, and which is whose.
struct Tasks {
    set: JoinSet<Result<(), BoxError>>,
    running: HashMap<Id, usize>,
}

impl Tasks {
    fn start(&mut self, index: usize, worker: &mut Worker) {
        let run = Within::new((worker.make)(), current::get());
        let builder = self.set.build_task().name(&worker.name);
        match builder.spawn(run) {
            Ok(task) => {
                self.running.insert(task.id(), index);
            }
            // As `spawn` does when there is no runtime to be had: a task that fails.
            Err(error) => {
                let task = self.set.spawn(async { Err(error.into()) });
                self.running.insert(task.id(), index);
            }
        }
    }

    /// The next worker to end, and how. `None` if none is running.
    async fn next(&mut self) -> Option<(usize, Result<(), WorkerFailure>)> {
        loop {
            let (id, result) = match self.set.join_next_with_id().await? {
                Ok((id, Ok(()))) => (id, Ok(())),
                Ok((id, Err(error))) => (id, Err(WorkerFailure::Error(error))),
                Err(error) => (error.id(), Err(WorkerFailure::Ended(error))),
            };
            if let Some(index) = self.running.remove(&id) {
                return Some((index, result));
            }
        }
    }
}

/// Why a worker failed the last time.
#[derive(Debug)]
enum WorkerFailure {
    Error(BoxError),
    Ended(JoinError),
}

/// A worker failed and was not started again: once too often, or while its nursery was
/// cancelled.
#[derive(Debug)]
pub struct SupervisorError {
    worker: Box<str>,
    cause: WorkerFailure,
    location: &'static Location<'static>,
}

impl SupervisorError {
    /// The name of the worker.
    #[must_use]
    pub fn worker(&self) -> &str {
        &self.worker
    }

    /// The panic of the worker's last run, or its cancellation, if that is how it ended.
    #[must_use]
    pub fn join_error(&self) -> Option<&JoinError> {
        match &self.cause {
            WorkerFailure::Ended(error) => Some(error),
            WorkerFailure::Error(_) => None,
        }
    }
}

impl fmt::Display for SupervisorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "worker \"{}\" failed and is not started again: ",
            self.worker
        )?;
        match &self.cause {
            WorkerFailure::Error(error) => write!(f, "{error}")?,
            WorkerFailure::Ended(error) => write!(f, "{error}")?,
        }
        write!(f, " (supervised at {})", self.location)
    }
}

impl Error for SupervisorError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            WorkerFailure::Error(error) => Some(&**error),
            WorkerFailure::Ended(error) => Some(error),
        }
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.workers.iter().map(|worker| &worker.name);
        f.debug_struct("Supervisor")
            .field("strategy", &self.strategy)
            .field("workers", &names.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
