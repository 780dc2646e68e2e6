//! Values: reading, writing, counting.

use bytes::{Bytes, BytesMut};

use super::expiry::{self, Unit};
use super::{CommandError, Context, Outcome, Result, integer, is};
use crate::database::Deadline;
use crate::number;
use crate::request::Request;

pub(super) fn get(context: &mut Context<'_>, request: Request<'_>) -> Result {
    context.output.value(context.keys.get(request.arg(1)));
    Ok(Outcome::Done)
}

pub(super) fn mget(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let values = request
        .args_from(1)
        .map(|key| context.keys.get(key).cloned());
    Ok(Outcome::Values(values.collect()))
}

pub(super) fn mset(context: &mut Context<'_>, request: Request<'_>) -> Result {
    if request.len() % 2 == 0 {
        return Err(CommandError::Arity("mset".to_owned()));
    }
    for index in (1..request.len()).step_by(2) {
        let value = Bytes::copy_from_slice(request.arg(index + 1));
        context.keys.set(request.arg(index), value, Deadline::Never);
    }
    context.output.simple("OK");
    Ok(Outcome::Done)
}

/// When SET writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Always,
    IfAbsent,
    IfPresent,
}

struct SetOptions {
    condition: Condition,
    deadline: Deadline,
    get: bool,
}

pub(super) fn set(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let (key, value) = (request.arg(1), request.arg(2));
    let options = if request.len() == 3 {
        SetOptions {
            condition: Condition::Always,
            deadline: Deadline::Never,
            get: false,
        }
    } else {
        set_options(request)?
    };
    let writes = match options.condition {
        Condition::Always => true,
        Condition::IfAbsent => !context.keys.contains(key),
        Condition::IfPresent => context.keys.contains(key),
    };
    if options.get {
        context.output.value(context.keys.get(key));
    } else if writes {
        context.output.raw(b"+OK\r\n");
    } else {
        context.output.none();
    }
    if writes {
        context
            .keys
            .set(key, Bytes::copy_from_slice(value), options.deadline);
    }
    Ok(Outcome::Done)
}

fn set_options(request: Request<'_>) -> Result<SetOptions> {
    let (mut condition, mut deadline, mut get) = (Condition::Always, None, false);
    let mut args = request.args_from(3);
    while let Some(arg) = args.next() {
        if is(arg, "nx") && condition != Condition::IfPresent {
            condition = Condition::IfAbsent;
        } else if is(arg, "xx") && condition != Condition::IfAbsent {
            condition = Condition::IfPresent;
        } else if is(arg, "get") {
            get = true;
        } else if deadline.is_some() {
            return Err(CommandError::Syntax);
        } else if is(arg, "keepttl") {
            deadline = Some(None);
        } else {
            let unit = Unit::of_option(arg).ok_or(CommandError::Syntax)?;
            deadline = Some(Some((unit, args.next().ok_or(CommandError::Syntax)?)));
        }
    }
    // Options that do not go together are worse than a time that is none.
    let deadline = match deadline {
        None => Deadline::Never,
        Some(None) => Deadline::Keep,
        Some(Some((unit, time))) => {
            let time = integer(time)?;
            if time <= 0 {
                return Err(CommandError::ExpireTime("set"));
            }
            Deadline::At(expiry::instant(unit, time, "set")?)
        }
    };
    Ok(SetOptions {
        condition,
        deadline,
        get,
    })
}

pub(super) fn strlen(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let length = context.keys.get(request.arg(1)).map_or(0, Bytes::len);
    context.output.integer(length as i64);
    Ok(Outcome::Done)
}

pub(super) fn append(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let (key, more) = (request.arg(1), request.arg(2));
    let longest = context.session.limits().bulk;
    let length = context.keys.update(key, |old| {
        let old = old.unwrap_or_default();
        if old.len().saturating_add(more.len()) > longest {
            return Err((Some(old), CommandError::TooLong));
        }
        // Grown in place, unless a client is still being sent the old value.
        let mut value = old
            .try_into_mut()
            .unwrap_or_else(|old| BytesMut::from(&old[..]));
        value.extend_from_slice(more);
        Ok(value.freeze())
    })?;
    context.output.integer(length as i64);
    Ok(Outcome::Done)
}

pub(super) fn incr(context: &mut Context<'_>, request: Request<'_>) -> Result {
    add(context, request.arg(1), 1)
}

pub(super) fn decr(context: &mut Context<'_>, request: Request<'_>) -> Result {
    add(context, request.arg(1), -1)
}

pub(super) fn incrby(context: &mut Context<'_>, request: Request<'_>) -> Result {
    add(context, request.arg(1), integer(request.arg(2))?)
}

pub(super) fn decrby(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let amount = integer(request.arg(2))?;
    let amount = amount
        .checked_neg()
        .ok_or(CommandError::DecrementOverflow)?;
    add(context, request.arg(1), amount)
}

fn add(context: &mut Context<'_>, key: &[u8], amount: i64) -> Result {
    let mut sum = 0;
    context.keys.update(key, |old| {
        let number = match &old {
            Some(value) => number::parse(value).ok_or(CommandError::NotInteger),
            None => Ok(0),
        };
        let added =
            number.and_then(|number| number.checked_add(amount).ok_or(CommandError::Overflow));
        match added {
            Ok(added) => {
                sum = added;
                Ok(Bytes::from(added.to_string()))
            }
            Err(error) => Err((old, error)),
        }
    })?;
    context.output.integer(sum);
    Ok(Outcome::Done)
}
