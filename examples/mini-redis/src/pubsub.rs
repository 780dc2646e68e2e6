//! Who listens to what.
//!
//! A message is written once, in the form in which it goes over the wire, and
//! shared by all who get it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::client::Client;
use crate::output::Output;
use crate::pattern;

/// The two ways to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To a channel, by its name.
    Channel,
    /// To all channels whose names match.
    Pattern,
}

/// All who listen.
#[derive(Debug, Default)]
pub struct Hub {
    listeners: Mutex<Listeners>,
}

/// Who listens to a name, by number.
type ByName = HashMap<Bytes, HashMap<u64, Arc<Client>>>;

#[derive(Debug, Default)]
struct Listeners {
    channels: ByName,
    patterns: ByName,
}

impl Listeners {
    fn of(&mut self, kind: Kind) -> &mut ByName {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
        }
    }
}

impl Hub {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Hub {
        Hub::default()
    }

    /// How many channels, and how many patterns, somebody listens to.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let listeners = self.lock();
        (listeners.channels.len(), listeners.patterns.len())
    }

    /// `client` listens from now on.
    pub fn subscribe(&self, kind: Kind, name: &Bytes, client: &Arc<Client>) {
        let mut listeners = self.lock();
        let by_id = listeners.of(kind).entry(name.clone()).or_default();
        by_id.insert(client.id(), Arc::clone(client));
    }

    /// `client` listens no more: nothing comes after the return of this.
    pub fn unsubscribe(&self, kind: Kind, name: &[u8], client: &Client) {
        let mut listeners = self.lock();
        let by_name = listeners.of(kind);
        if let Some(by_id) = by_name.get_mut(name) {
            by_id.remove(&client.id());
            if by_id.is_empty() {
                by_name.remove(name);
            }
        }
    }

    /// Sends `message` to all who listen to `channel`. How many times: who listens
    /// to the channel and to patterns gets it for each.
    pub fn publish(&self, channel: &[u8], message: &[u8]) -> usize {
        let listeners = self.lock();
        let mut count = 0;
        if let Some(by_id) = listeners.channels.get(channel) {
            let frame = frame(&[b"message", channel, message]);
            count += send_all(by_id, &frame);
        }
        for (pattern, by_id) in &listeners.patterns {
            if pattern::matches(pattern, channel) {
                let frame = frame(&[b"pmessage", pattern, channel, message]);
                count += send_all(by_id, &frame);
            }
        }
        count
    }

    fn lock(&self) -> MutexGuard<'_, Listeners> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn send_all(by_id: &HashMap<u64, Arc<Client>>, frame: &Bytes) -> usize {
    for client in by_id.values() {
        client.send(frame.clone());
    }
    by_id.len()
}

fn frame(parts: &[&[u8]]) -> Bytes {
    let mut output = Output::default();
    output.array(parts.len());
    for part in parts {
        output.bulk(part);
    }
    output.into_bytes()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::{Hub, Kind};
    use crate::client::{Client, MailLimits};

    #[test]
    fn messages_reach_those_who_listen_as_often_as_they_do() {
        let hub = Hub::new();
        let client = Arc::new(Client::new(1, MailLimits::default()));
        let (news, all) = (Bytes::from_static(b"news"), Bytes::from_static(b"n*"));
        hub.subscribe(Kind::Channel, &news, &client);
        hub.subscribe(Kind::Pattern, &all, &client);
        assert_eq!(hub.publish(b"news", b"x"), 2);
        assert_eq!(hub.publish(b"night", b"x"), 1);
        assert_eq!(hub.publish(b"other", b"x"), 0);
        let message = client.receive().unwrap();
        assert_eq!(message, "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n");
        let message = client.receive().unwrap();
        assert_eq!(
            message,
            "*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$1\r\nx\r\n"
        );
        hub.unsubscribe(Kind::Channel, &news, &client);
        hub.unsubscribe(Kind::Pattern, &all, &client);
        assert_eq!(hub.publish(b"news", b"x"), 0);
        assert_eq!(hub.count(), (0, 0));
    }
}
