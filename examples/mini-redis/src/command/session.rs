//! What belongs to one connection.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;

use super::{CommandError, Context, Outcome, Result, arity, integer, is, shown};
use crate::client::Client;
use crate::pubsub::Kind;
use crate::request::{Limits, Request};
use crate::server::Shared;

/// One connection, as its commands see it. Dropping it ends what it listens to.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    client: Arc<Client>,
    name: Bytes,
    channels: HashSet<Bytes>,
    patterns: HashSet<Bytes>,
}

impl Session {
    /// A connection that has said nothing yet.
    #[must_use]
    pub fn new(shared: Arc<Shared>, client: Arc<Client>) -> Session {
        Session {
            shared,
            client,
            name: Bytes::new(),
            channels: HashSet::new(),
            patterns: HashSet::new(),
        }
    }

    /// What all connections share.
    #[must_use]
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The connection, as others see it.
    #[must_use]
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// What the client may send.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.shared.options.requests
    }

    pub(super) fn is_listening(&self) -> bool {
        self.listening_to() > 0
    }

    pub(super) fn listening_to(&self) -> usize {
        self.channels.len() + self.patterns.len()
    }

    pub(super) fn names(&self, kind: Kind) -> Vec<Bytes> {
        let names = match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
        };
        names.iter().cloned().collect()
    }

    pub(super) fn listen(&mut self, kind: Kind, name: Bytes) {
        self.shared.hub.subscribe(kind, &name, &self.client);
        match kind {
            Kind::Channel => self.channels.insert(name),
            Kind::Pattern => self.patterns.insert(name),
        };
    }

    pub(super) fn ignore(&mut self, kind: Kind, name: &[u8]) {
        let was_there = match kind {
            Kind::Channel => self.channels.remove(name),
            Kind::Pattern => self.patterns.remove(name),
        };
        if was_there {
            self.shared.hub.unsubscribe(kind, name, &self.client);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for kind in [Kind::Channel, Kind::Pattern] {
            for name in self.names(kind) {
                self.ignore(kind, &name);
            }
        }
    }
}

pub(super) fn ping(context: &mut Context<'_>, request: Request<'_>) -> Result {
    if request.len() > 2 {
        return Err(CommandError::Arity("ping".to_owned()));
    }
    let argument = request.args_from(1).next();
    match argument {
        _ if context.session.is_listening() => {
            // A client that listens expects arrays.
            context.output.array(2);
            context.output.bulk(b"pong");
            context.output.bulk(argument.unwrap_or_default());
        }
        Some(argument) => context.output.bulk(argument),
        None => context.output.simple("PONG"),
    }
    Ok(Outcome::Done)
}

pub(super) fn echo(context: &mut Context<'_>, request: Request<'_>) -> Result {
    context.output.bulk(request.arg(1));
    Ok(Outcome::Done)
}

pub(super) fn quit(context: &mut Context<'_>, _: Request<'_>) -> Result {
    context.output.simple("OK");
    Ok(Outcome::Close)
}

pub(super) fn select(context: &mut Context<'_>, request: Request<'_>) -> Result {
    if integer(request.arg(1))? != 0 {
        return Err(CommandError::DatabaseIndex);
    }
    context.output.simple("OK");
    Ok(Outcome::Done)
}

pub(super) fn hello(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let mut args = request.args_from(1);
    if args.next().is_some_and(|version| version != b"2") {
        return Err(CommandError::ProtocolVersion);
    }
    while let Some(option) = args.next() {
        let name = args.next().filter(|_| is(option, "setname"));
        set_name(context, name.ok_or(CommandError::Syntax)?)?;
    }
    let id = context.session.client.id();
    let output = &mut *context.output;
    output.array(14);
    for (key, value) in [
        ("server", "redis"),
        ("version", super::introspection::VERSION),
    ] {
        output.bulk(key.as_bytes());
        output.bulk(value.as_bytes());
    }
    output.bulk(b"proto");
    output.integer(2);
    output.bulk(b"id");
    output.integer(id as i64);
    for (key, value) in [("mode", "standalone"), ("role", "master")] {
        output.bulk(key.as_bytes());
        output.bulk(value.as_bytes());
    }
    output.bulk(b"modules");
    output.array(0);
    Ok(Outcome::Done)
}

pub(super) fn client(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let subcommand = request.arg(1);
    let count = request.len();
    if is(subcommand, "id") {
        arity(count == 2, "client", subcommand)?;
        context.output.integer(context.session.client.id() as i64);
    } else if is(subcommand, "getname") {
        arity(count == 2, "client", subcommand)?;
        let name = &context.session.name;
        context.output.value((!name.is_empty()).then_some(name));
    } else if is(subcommand, "setname") {
        arity(count == 3, "client", subcommand)?;
        set_name(context, request.arg(2))?;
        context.output.simple("OK");
    } else if is(subcommand, "setinfo") {
        arity(count == 4, "client", subcommand)?;
        // The name and the version of a library, which nobody asks for here.
        if !is(request.arg(2), "lib-name") && !is(request.arg(2), "lib-ver") {
            return Err(CommandError::Syntax);
        }
        context.output.simple("OK");
    } else {
        return Err(CommandError::UnknownSubcommand(shown(subcommand), "client"));
    }
    Ok(Outcome::Done)
}

fn set_name(context: &mut Context<'_>, name: &[u8]) -> Result<()> {
    if !name.iter().all(u8::is_ascii_graphic) {
        return Err(CommandError::ClientName);
    }
    context.session.name = Bytes::copy_from_slice(name);
    Ok(())
}
