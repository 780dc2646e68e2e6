//! What the rest of the server sees of a connection: a mailbox, and a way to end it.
//!
//! Whoever has something for a connection sets a flag or fills the mailbox and
//! then wakes its task; the task registers its waker and then looks. Either it
//! sees what was set, or whoever set it sees the waker.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Context;

use bytes::Bytes;
use sinew::futures::task::AtomicWaker;
use sinew::time::{Duration, Instant};

/// How many bytes of messages may wait for a client that reads slowly: above
/// `hard` it is dropped at once, above `soft` if that lasts.
#[derive(Clone, Copy, Debug)]
pub struct MailLimits {
    /// Never more, in bytes.
    pub hard: usize,
    /// No more, in bytes, for longer than `soft_for`.
    pub soft: usize,
    /// How long there may be more than `soft`.
    pub soft_for: Duration,
}

impl Default for MailLimits {
    fn default() -> Self {
        MailLimits {
            hard: 32 << 20,
            soft: 8 << 20,
            soft_for: Duration::from_secs(60),
        }
    }
}

/// How many places an empty mailbox keeps allocated.
const KEPT: usize = 64;

/// What a message costs beside its bytes.
const MESSAGE: usize = size_of::<Bytes>();

/// A connection, as others see it.
#[derive(Debug)]
pub struct Client {
    id: u64,
    limits: MailLimits,
    waker: AtomicWaker,
    stopping: AtomicBool,
    dropped: AtomicBool,
    has_mail: AtomicBool,
    mailbox: Mutex<Mailbox>,
}

#[derive(Debug, Default)]
struct Mailbox {
    messages: VecDeque<Bytes>,
    bytes: usize,
    above_soft_since: Option<Instant>,
}

impl Client {
    /// A connection of this number.
    #[must_use]
    pub fn new(id: u64, limits: MailLimits) -> Client {
        Client {
            id,
            limits,
            waker: AtomicWaker::new(),
            stopping: AtomicBool::new(false),
            dropped: AtomicBool::new(false),
            has_mail: AtomicBool::new(false),
            mailbox: Mutex::default(),
        }
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Asks it to end when it has answered what it has begun.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// Puts a message into the mailbox, or drops the client when too many are there.
    pub fn send(&self, message: Bytes) {
        let mut mailbox = self.mailbox();
        if self.is_dropped() {
            return;
        }
        mailbox.bytes += message.len() + MESSAGE;
        mailbox.messages.push_back(message);
        if mailbox.is_too_full(&self.limits) {
            *mailbox = Mailbox::default();
            self.dropped.store(true, Ordering::SeqCst);
        } else {
            self.has_mail.store(true, Ordering::SeqCst);
        }
        drop(mailbox);
        self.waker.wake();
    }

    /// The next message.
    pub fn receive(&self) -> Option<Bytes> {
        let mut mailbox = self.mailbox();
        let message = mailbox.messages.pop_front();
        mailbox.bytes -= message
            .as_ref()
            .map_or(0, |message| message.len() + MESSAGE);
        if mailbox.bytes <= self.limits.soft {
            mailbox.above_soft_since = None;
        }
        if mailbox.messages.is_empty() {
            mailbox.messages.shrink_to(KEPT);
            self.has_mail.store(false, Ordering::SeqCst);
        }
        message
    }

    /// Whether a message waits.
    #[must_use]
    pub fn has_mail(&self) -> bool {
        self.has_mail.load(Ordering::SeqCst)
    }

    /// Whether it was asked to end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Whether it was dropped for reading too slowly.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::SeqCst)
    }

    /// Has the task woken at the next change. Look at the state after this.
    pub fn register(&self, cx: &mut Context<'_>) {
        self.waker.register(cx.waker());
    }

    fn mailbox(&self) -> MutexGuard<'_, Mailbox> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    fn is_too_full(&mut self, limits: &MailLimits) -> bool {
        if self.bytes <= limits.soft {
            return false;
        }
        let now = Instant::now();
        let since = *self.above_soft_since.get_or_insert(now);
        self.bytes > limits.hard || now.saturating_duration_since(since) > limits.soft_for
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sinew::time::{Duration, advance};

    use super::{Client, MESSAGE, MailLimits};

    fn client() -> Client {
        let limits = MailLimits {
            hard: 10 * (MESSAGE + 1),
            soft: 5 * (MESSAGE + 1),
            soft_for: Duration::from_secs(60),
        };
        Client::new(1, limits)
    }

    fn send(client: &Client, count: usize) {
        for _ in 0..count {
            client.send(Bytes::from_static(b"x"));
        }
    }

    #[sinew::test(start_paused = true)]
    async fn who_has_too_much_mail_is_dropped_at_once() {
        let client = client();
        send(&client, 10);
        assert!(!client.is_dropped() && client.has_mail());
        send(&client, 1);
        assert!(client.is_dropped());
        assert_eq!(client.receive(), None);
        send(&client, 1);
        assert_eq!(client.receive(), None);
    }

    #[sinew::test(start_paused = true)]
    async fn who_has_much_mail_is_dropped_when_that_lasts() {
        let client = client();
        send(&client, 6);
        advance(Duration::from_secs(59)).await;
        assert!(
            client.receive().is_some(),
            "five are left: that is no crowd"
        );
        send(&client, 1);
        advance(Duration::from_secs(60)).await;
        send(&client, 1);
        assert!(!client.is_dropped());
        advance(Duration::from_secs(1)).await;
        send(&client, 1);
        assert!(client.is_dropped());
    }

    #[test]
    fn messages_come_in_order() {
        let client = client();
        client.send(Bytes::from_static(b"1"));
        client.send(Bytes::from_static(b"2"));
        assert_eq!(client.receive().unwrap(), "1");
        assert!(client.has_mail());
        assert_eq!(client.receive().unwrap(), "2");
        assert!(!client.has_mail());
        assert_eq!(client.receive(), None);
    }
}
