//! Keys as such.

use super::{CommandError, Context, Outcome, Result, is};
use crate::pattern;
use crate::request::Request;

pub(super) fn del(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let removed = request
        .args_from(1)
        .filter(|key| context.keys.remove(key))
        .count();
    context.output.integer(removed as i64);
    Ok(Outcome::Done)
}

pub(super) fn exists(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let found = request
        .args_from(1)
        .filter(|key| context.keys.contains(key))
        .count();
    context.output.integer(found as i64);
    Ok(Outcome::Done)
}

pub(super) fn dbsize(context: &mut Context<'_>, _: Request<'_>) -> Result {
    context.output.integer(context.keys.len() as i64);
    Ok(Outcome::Done)
}

pub(super) fn flush(context: &mut Context<'_>, request: Request<'_>) -> Result {
    // Either way, the keys are gone when the reply comes.
    let mut modes = request.args_from(1);
    let known = modes
        .next()
        .is_none_or(|mode| is(mode, "sync") || is(mode, "async"));
    if !known || modes.next().is_some() {
        return Err(CommandError::Syntax);
    }
    context.keys.clear();
    context.output.simple("OK");
    Ok(Outcome::Done)
}

pub(super) fn keys(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let wanted = request.arg(1);
    let keys = context.keys.keys(|key| pattern::matches(wanted, key));
    Ok(Outcome::Values(keys.into_iter().map(Some).collect()))
}

pub(super) fn type_of(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let there = context.keys.contains(request.arg(1));
    context.output.simple(if there { "string" } else { "none" });
    Ok(Outcome::Done)
}
