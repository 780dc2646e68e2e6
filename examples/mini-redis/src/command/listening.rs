//! Channels.

use bytes::Bytes;

use super::{Context, Outcome, Result};
use crate::output::Output;
use crate::pubsub::Kind;
use crate::request::Request;

pub(super) fn publish(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let hub = &context.session.shared().hub;
    let receivers = hub.publish(request.arg(1), request.arg(2));
    context.output.integer(receivers as i64);
    Ok(Outcome::Done)
}

pub(super) fn subscribe(context: &mut Context<'_>, request: Request<'_>) -> Result {
    start(context, request, Kind::Channel, b"subscribe")
}

pub(super) fn psubscribe(context: &mut Context<'_>, request: Request<'_>) -> Result {
    start(context, request, Kind::Pattern, b"psubscribe")
}

pub(super) fn unsubscribe(context: &mut Context<'_>, request: Request<'_>) -> Result {
    end(context, request, Kind::Channel, b"unsubscribe")
}

pub(super) fn punsubscribe(context: &mut Context<'_>, request: Request<'_>) -> Result {
    end(context, request, Kind::Pattern, b"punsubscribe")
}

/// The replies go to the output at once, messages into the mailbox: what is
/// listened to from here on comes after the reply.
fn start(context: &mut Context<'_>, request: Request<'_>, kind: Kind, word: &[u8]) -> Result {
    for name in request.args_from(1) {
        context.session.listen(kind, Bytes::copy_from_slice(name));
        confirm(
            context.output,
            word,
            Some(name),
            context.session.listening_to(),
        );
    }
    Ok(Outcome::Done)
}

/// Messages that came before have to be sent before the reply: a client does not
/// expect any after it.
fn end(context: &mut Context<'_>, request: Request<'_>, kind: Kind, word: &[u8]) -> Result {
    let names: Vec<_> = if request.len() > 1 {
        request.args_from(1).map(Bytes::copy_from_slice).collect()
    } else {
        context.session.names(kind)
    };
    let count_before = context.session.listening_to();
    let counts: Vec<_> = names
        .iter()
        .map(|name| {
            context.session.ignore(kind, name);
            context.session.listening_to()
        })
        .collect();
    while let Some(message) = context.session.client().receive() {
        context.output.raw_shared(&message);
    }
    for (name, count) in names.iter().zip(counts) {
        confirm(context.output, word, Some(name), count);
    }
    if names.is_empty() {
        confirm(context.output, word, None, count_before);
    }
    Ok(Outcome::Done)
}

fn confirm(output: &mut Output, word: &[u8], name: Option<&[u8]>, count: usize) {
    output.array(3);
    output.bulk(word);
    match name {
        Some(name) => output.bulk(name),
        None => output.none(),
    }
    output.integer(count as i64);
}
