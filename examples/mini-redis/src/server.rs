//! The listener: a task for each connection, a limit on them, and a clean end.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sinew::futures::future::{Either, select};
use sinew::net::{TcpListener, TcpStream};
use sinew::sync::Notify;
use sinew::time::{Duration, Instant, timeout};

use crate::client::{Client, MailLimits};
use crate::command::Session;
use crate::connection;
use crate::database::{self, Database};
use crate::pubsub::Hub;
use crate::request::Limits;

/// How long replies that have been started may take once the server stops.
pub const GRACE: Duration = Duration::from_secs(10);

/// How often at most the failures of accepting are reported.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// What clients may do.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many there may be at once.
    pub max_clients: usize,
    /// How large requests may be.
    pub requests: Limits,
    /// How many messages may wait for a client.
    pub mail: MailLimits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_clients: 10_000,
            requests: Limits::default(),
            mail: MailLimits::default(),
        }
    }
}

/// What all connections share.
#[derive(Debug)]
pub struct Shared {
    /// The keys.
    pub database: Database,
    /// The channels.
    pub hub: Hub,
    /// Who is connected.
    pub clients: Clients,
    /// What they may do.
    pub options: Options,
    port: u16,
    started: Instant,
}

impl Shared {
    /// An empty database without clients.
    #[must_use]
    pub fn new(options: Options, port: u16) -> Shared {
        Shared {
            database: Database::new(),
            hub: Hub::new(),
            clients: Clients::default(),
            options,
            port,
            started: Instant::now(),
        }
    }

    /// Where the server listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How long it has been up.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Who is connected.
#[derive(Debug, Default)]
pub struct Clients {
    by_id: Mutex<HashMap<u64, Arc<Client>>>,
    accepted: AtomicU64,
    refused: AtomicU64,
    /// Told when the last one leaves.
    empty: Notify,
}

impl Clients {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// How many were accepted, and how many refused, since the start.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let [accepted, refused] =
            [&self.accepted, &self.refused].map(|count| count.load(Ordering::Relaxed));
        (accepted, refused)
    }

    fn stop_all(&self) {
        for client in self.lock().values() {
            client.stop();
        }
    }

    async fn all_gone(&self) {
        while !self.is_empty() {
            self.empty.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Client>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's place. Dropping it gives the place up.
#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    client: Arc<Client>,
}

impl Place {
    /// A place, if there is one.
    fn take(shared: &Arc<Shared>) -> Option<Place> {
        let clients = &shared.clients;
        let mut by_id = clients.lock();
        if by_id.len() >= shared.options.max_clients {
            clients.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let id = clients.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        let client = Arc::new(Client::new(id, shared.options.mail));
        by_id.insert(id, Arc::clone(&client));
        drop(by_id);
        let shared = Arc::clone(shared);
        Some(Place { shared, client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_id = self.shared.clients.lock();
        by_id.remove(&self.client.id());
        if by_id.is_empty() {
            self.shared.clients.empty.notify_one();
        }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
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
    pub async fn bind(addr: &str, options: Options) -> io::Result<Server> {
        let listener = TcpListener::bind(addr).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::new(options, port));
        Ok(Server { listener, shared })
    }

    /// Where it listens, with the real port.
    ///
    /// # Errors
    ///
    /// Those of the operating system; a listener has an address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, each connection in a task of its own. Then
    /// listens no more, has each connection send what it has begun to, and waits
    /// for that up to [`GRACE`]. How many were left in the end: their tasks go on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the listener; connections go on.
    pub async fn run(self, stop: impl Future<Output = ()>) -> usize {
        let Server { listener, shared } = self;
        let database = shared.database.clone();
        let expiring = sinew::spawn(async move { database::expire(&database).await });
        {
            // The end of the block drops the listener: nobody connects any more.
            let accepting = pin!(accept_all(listener, &shared));
            match select(pin!(stop), accepting).await {
                Either::Left(((), _)) => {}
                Either::Right((never, _)) => match never {},
            }
        }
        shared.clients.stop_all();
        // Either way, what counts is who is left.
        let _ = timeout(GRACE, shared.clients.all_gone()).await;
        expiring.abort();
        shared.clients.len()
    }
}

async fn accept_all(listener: TcpListener, shared: &Arc<Shared>) -> Infallible {
    let mut complaints = Complaints::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => match Place::take(shared) {
                Some(place) => start(stream, place),
                // A new socket has room for that; if not, he learns less.
                None => drop(stream.try_write(b"-ERR max number of clients reached\r\n")),
            },
            // The listener waits by itself when the system is out of something.
            Err(error) => complaints.add(&error),
        }
    }
}

fn start(stream: TcpStream, place: Place) {
    // Replies are written together: there is nothing to wait for. Without it they
    // are late at worst.
    let _ = stream.set_nodelay(true);
    let session = Session::new(Arc::clone(&place.shared), Arc::clone(&place.client));
    sinew::spawn(async move {
        // The client is gone, or was dropped: nobody is left to be told.
        let _ = connection::serve(stream, session).await;
        drop(place);
    });
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
