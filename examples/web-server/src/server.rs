//! The listener: a task for each connection, and a clean end.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;

use sinew::futures::future::{Either, select};
use sinew::net::TcpListener;
use sinew::time::{Duration, Instant, timeout};

use crate::connection;
use crate::drain::Drain;
use crate::files::Files;

/// How long responses that have been started may take once the server stops.
pub const GRACE: Duration = Duration::from_secs(10);

/// How often at most the failures of accepting are reported.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    files: Files,
}

impl Server {
    /// Listens on `addr`, `host:port`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// Those of [`TcpListener::bind`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the address up.
    pub async fn bind(addr: &str, files: Files) -> io::Result<Server> {
        let listener = TcpListener::bind(addr).await?;
        Ok(Server { listener, files })
    }

    /// Where it listens, with the real port.
    ///
    /// # Errors
    ///
    /// Those of the operating system; a listener has an address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, each connection in a task of its own.
    /// Then listens no more, closes idle connections and waits up to [`GRACE`]
    /// for the others. How many were left in the end: their tasks go on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the listener; connections go on.
    pub async fn run(self, stop: impl Future<Output = ()>) -> usize {
        let drain = Drain::new();
        {
            // The end of the block drops the listener: nobody connects any more.
            let accepting = pin!(self.accept_all(drain.clone()));
            match select(pin!(stop), accepting).await {
                Either::Left(((), _)) => {}
                Either::Right((never, _)) => match never {},
            }
        }
        drain.stop();
        // Either way, what counts is who is left.
        let _ = timeout(GRACE, drain.drained()).await;
        drain.members()
    }

    async fn accept_all(self, drain: Drain) -> Infallible {
        let mut complaints = Complaints::default();
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    // Responses are written whole: there is nothing to wait for.
                    // Without it they are late at worst.
                    let _ = stream.set_nodelay(true);
                    let files = self.files.clone();
                    let member = drain.enter();
                    sinew::spawn(async move {
                        // The client is gone, or worse: nobody is left to be told.
                        let _ = connection::serve(stream, &files, &member).await;
                    });
                }
                // The listener waits by itself when the system is out of something.
                Err(error) => complaints.add(&error),
            }
        }
    }
}

/// Failures of accepting, reported not too often.
#[derive(Debug, Default)]
struct Complaints {
    last: Option<Instant>,
    unreported: u64,
}

impl Complaints {
    fn add(&mut self, error: &io::Error) {
        self.unreported += 1;
        if self.last.is_some_and(|last| last.elapsed() < REPORT_EVERY) {
            return;
        }
        // Without a standard error there is nowhere to say it.
        let _ = writeln!(
            io::stderr(),
            "cannot accept ({} since the last report): {error}",
            self.unreported
        );
        self.last = Some(Instant::now());
        self.unreported = 0;
    }
}
