//! A chat. The first line of a connection is the user's name, each further one goes to everybody
//! else.
//!
//! One task for each connection. What it is to send comes through a bounded channel: a user who
//! does not read is dropped when it is full, and holds up nobody.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use futures::{SinkExt, StreamExt};
use sinew::io::codec::{Framed, LinesCodec, LinesCodecError};
use sinew::net::{TcpListener, TcpStream};
use sinew::sync::mpsc;

/// The longest line, in bytes: what a stranger can make us hold.
const MAX_LINE: usize = 1024;

/// Lines that may wait for a user who reads slowly.
const QUEUE: usize = 64;

/// Who is there.
#[derive(Default)]
struct Room {
    users: Mutex<HashMap<SocketAddr, mpsc::Sender<Arc<str>>>>,
}

impl Room {
    fn join(&self, user: SocketAddr) -> mpsc::Receiver<Arc<str>> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        self.lock().insert(user, sender);
        receiver
    }

    fn leave(&self, user: SocketAddr) {
        self.lock().remove(&user);
    }

    /// Tells everybody but one. Whose queue is full is out.
    fn tell_others(&self, user: SocketAddr, line: &str) {
        let line = Arc::from(line);
        self.lock()
            .retain(|other, queue| *other == user || queue.try_send(Arc::clone(&line)).is_ok());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SocketAddr, mpsc::Sender<Arc<str>>>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves whoever comes.
///
/// # Errors
///
/// When the listener fails for good. An error of one `accept` is told and the next one tried.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let room = Arc::new(Room::default());
    loop {
        let (stream, user) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("accept: {error}");
                continue;
            }
        };
        let room = Arc::clone(&room);
        sinew::spawn(async move {
            let result = chat(stream, user, &room).await;
            room.leave(user);
            if let Err(error) = result {
                eprintln!("{user}: {error}");
            }
        });
    }
}

/// One user, from the name to the end.
async fn chat(stream: TcpStream, user: SocketAddr, room: &Room) -> Result<(), LinesCodecError> {
    let mut lines = Framed::new(stream, LinesCodec::new_with_max_length(MAX_LINE));
    lines.send("Who are you?").await?;
    let Some(name) = lines.next().await.transpose()? else {
        return Ok(());
    };
    let mut queue = room.join(user);
    lines.send(format!("Hello, {name}.")).await?;
    room.tell_others(user, &format!("{name} has come."));
    loop {
        // Neither branch loses anything when the other is first: what was read of a line stays in
        // `lines`, what was sent in `queue`.
        sinew::select! {
            line = lines.next() => match line.transpose()? {
                Some(line) => room.tell_others(user, &format!("{name}: {line}")),
                None => break,
            },
            line = queue.recv() => match line {
                Some(line) => lines.send(&*line).await?,
                None => {
                    lines.send("You read too slowly.").await?;
                    break;
                }
            },
        }
    }
    room.tell_others(user, &format!("{name} has gone."));
    Ok(())
}
