//! Deadlines.

use std::time::{SystemTime, UNIX_EPOCH};

use sinew::time::{Duration, Instant};

use super::{CommandError, Context, Outcome, Result, integer, is};
use crate::database::{Deadline, Remaining};
use crate::request::Request;

/// How a command says when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Millis,
    UnixSeconds,
    UnixMillis,
}

impl Unit {
    pub(super) fn of_option(arg: &[u8]) -> Option<Unit> {
        let options = [
            ("ex", Unit::Seconds),
            ("px", Unit::Millis),
            ("exat", Unit::UnixSeconds),
            ("pxat", Unit::UnixMillis),
        ];
        options
            .into_iter()
            .find(|(name, _)| is(arg, name))
            .map(|(_, unit)| unit)
    }
}

/// The point in time that `time` names, if there is one; now, if it has passed.
pub(super) fn instant(unit: Unit, time: i64, command: &'static str) -> Result<Instant> {
    let none = || CommandError::ExpireTime(command);
    let millis = match unit {
        Unit::Seconds | Unit::UnixSeconds => time.checked_mul(1000).ok_or_else(none)?,
        Unit::Millis | Unit::UnixMillis => time,
    };
    let unix_now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let unix_now = i64::try_from(unix_now.as_millis()).unwrap_or(i64::MAX);
    let from_now = match unit {
        Unit::Seconds | Unit::Millis => {
            // Redis keeps times since 1970, and refuses what does not fit.
            millis.checked_add(unix_now).ok_or_else(none)?;
            millis
        }
        Unit::UnixSeconds | Unit::UnixMillis => millis.saturating_sub(unix_now),
    };
    let from_now = Duration::from_millis(u64::try_from(from_now).unwrap_or(0));
    Instant::now().checked_add(from_now).ok_or_else(none)
}

pub(super) fn expire(context: &mut Context<'_>, request: Request<'_>) -> Result {
    set_deadline(context, request, Unit::Seconds, "expire")
}

pub(super) fn pexpire(context: &mut Context<'_>, request: Request<'_>) -> Result {
    set_deadline(context, request, Unit::Millis, "pexpire")
}

/// When EXPIRE changes the deadline.
#[derive(Clone, Copy, Default)]
struct Conditions {
    if_none: bool,
    if_some: bool,
    if_later: bool,
    if_earlier: bool,
}

impl Conditions {
    fn parse(request: Request<'_>) -> Result<Conditions> {
        let mut conditions = Conditions::default();
        for arg in request.args_from(3) {
            let names = [
                ("nx", &mut conditions.if_none),
                ("xx", &mut conditions.if_some),
                ("gt", &mut conditions.if_later),
                ("lt", &mut conditions.if_earlier),
            ];
            let found = names.into_iter().find(|(name, _)| is(arg, name));
            *found.ok_or(CommandError::Syntax)?.1 = true;
        }
        let Conditions {
            if_none,
            if_some,
            if_later,
            if_earlier,
        } = conditions;
        let contradiction =
            if_none && (if_some || if_later || if_earlier) || if_later && if_earlier;
        if contradiction {
            Err(CommandError::Syntax)
        } else {
            Ok(conditions)
        }
    }

    /// Without a deadline, a key lives for ever: any deadline is earlier.
    fn hold(self, remaining: Remaining, wanted: Instant) -> bool {
        match remaining {
            Remaining::NoKey => false,
            Remaining::Forever => !self.if_some && !self.if_later,
            Remaining::Time(left) => {
                let wanted = wanted.saturating_duration_since(Instant::now());
                !self.if_none
                    && (!self.if_later || wanted > left)
                    && (!self.if_earlier || wanted < left)
            }
        }
    }
}

fn set_deadline(
    context: &mut Context<'_>,
    request: Request<'_>,
    unit: Unit,
    command: &'static str,
) -> Result {
    let (key, time) = (request.arg(1), integer(request.arg(2))?);
    let conditions = Conditions::parse(request)?;
    let at = instant(unit, time, command)?;
    let holds = conditions.hold(context.keys.remaining(key), at);
    let done = holds && context.keys.set_deadline(key, Deadline::At(at));
    context.output.integer(i64::from(done));
    Ok(Outcome::Done)
}

pub(super) fn persist(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let key = request.arg(1);
    let had = matches!(context.keys.remaining(key), Remaining::Time(_));
    if had {
        context.keys.set_deadline(key, Deadline::Never);
    }
    context.output.integer(i64::from(had));
    Ok(Outcome::Done)
}

pub(super) fn ttl(context: &mut Context<'_>, request: Request<'_>) -> Result {
    // To the nearest second, as Redis does.
    remaining(context, request, |left| (left.as_millis() + 500) / 1000)
}

pub(super) fn pttl(context: &mut Context<'_>, request: Request<'_>) -> Result {
    // Upwards: a key that is there has some time.
    remaining(context, request, |left| left.as_nanos().div_ceil(1_000_000))
}

fn remaining(
    context: &mut Context<'_>,
    request: Request<'_>,
    round: impl Fn(Duration) -> u128,
) -> Result {
    let reply = match context.keys.remaining(request.arg(1)) {
        Remaining::NoKey => -2,
        Remaining::Forever => -1,
        Remaining::Time(left) => i64::try_from(round(left)).unwrap_or(i64::MAX),
    };
    context.output.integer(reply);
    Ok(Outcome::Done)
}
