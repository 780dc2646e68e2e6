//! What the server tells about itself.

use std::fmt::Write;

use super::CommandError;
use super::table::{self, COMMANDS, Command};
use super::{Context, Outcome, Result, arity, is, shown};
use crate::output::Output;
use crate::pattern;
use crate::request::Request;

/// The version of Redis whose commands these are; clients ask for it.
pub(super) const VERSION: &str = "7.0.0";

pub(super) fn config(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let subcommand = request.arg(1);
    if !is(subcommand, "get") {
        return Err(CommandError::UnknownSubcommand(shown(subcommand), "config"));
    }
    arity(request.len() >= 3, "config", subcommand)?;
    let options = &context.session.shared().options;
    let settings = [
        ("appendonly", "no".to_owned()),
        ("databases", "1".to_owned()),
        ("maxclients", options.max_clients.to_string()),
        ("maxmemory", "0".to_owned()),
        ("port", context.session.shared().port().to_string()),
        ("proto-max-bulk-len", options.requests.bulk.to_string()),
        ("save", String::new()),
        ("timeout", "0".to_owned()),
    ];
    let wanted = |name: &str| {
        let mut patterns = request.args_from(2);
        patterns.any(|wanted| pattern::matches(&wanted.to_ascii_lowercase(), name.as_bytes()))
    };
    let found: Vec<_> = settings.iter().filter(|(name, _)| wanted(name)).collect();
    context.output.array(found.len() * 2);
    for (name, value) in found {
        context.output.bulk(name.as_bytes());
        context.output.bulk(value.as_bytes());
    }
    Ok(Outcome::Done)
}

/// Writes one section of INFO.
type Section = fn(&Context<'_>) -> String;

pub(super) fn info(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let wanted = |section: &str| {
        let mut sections = request.args_from(1);
        let all = ["all", "everything", "default"];
        request.len() == 1
            || sections.any(|arg| is(arg, section) || all.iter().any(|all| is(arg, all)))
    };
    let sections: [(&str, Section); 4] = [
        ("Server", server_section),
        ("Clients", clients_section),
        ("Stats", stats_section),
        ("Keyspace", keyspace_section),
    ];
    let mut text = String::new();
    for (name, write) in sections.into_iter().filter(|(name, _)| wanted(name)) {
        let gap = if text.is_empty() { "" } else { "\r\n" };
        // Writing to a string does not fail.
        let _ = write!(text, "{gap}# {name}\r\n{}", write(context));
    }
    context.output.bulk(text.as_bytes());
    Ok(Outcome::Done)
}

fn server_section(context: &Context<'_>) -> String {
    let shared = context.session.shared();
    let uptime = shared.uptime().as_secs();
    format!(
        "redis_version:{VERSION}\r\nredis_mode:standalone\r\nmini_redis_version:{}\r\n\
         process_id:{}\r\ntcp_port:{}\r\nuptime_in_seconds:{uptime}\r\nuptime_in_days:{}\r\n",
        env!("CARGO_PKG_VERSION"),
        std::process::id(),
        shared.port(),
        uptime / 86400,
    )
}

fn clients_section(context: &Context<'_>) -> String {
    let shared = context.session.shared();
    format!(
        "connected_clients:{}\r\nmaxclients:{}\r\n",
        shared.clients.len(),
        shared.options.max_clients
    )
}

fn stats_section(context: &Context<'_>) -> String {
    let shared = context.session.shared();
    let counts = context.keys.counts();
    let (channels, patterns) = shared.hub.count();
    let (accepted, refused) = shared.clients.counts();
    format!(
        "total_connections_received:{accepted}\r\nrejected_connections:{refused}\r\n\
         total_commands_processed:{}\r\nexpired_keys:{}\r\nkeyspace_hits:{}\r\n\
         keyspace_misses:{}\r\npubsub_channels:{channels}\r\npubsub_patterns:{patterns}\r\n",
        counts.commands, counts.expired, counts.hits, counts.misses,
    )
}

fn keyspace_section(context: &Context<'_>) -> String {
    match context.keys.len() {
        0 => String::new(),
        keys => format!(
            "db0:keys={keys},expires={}\r\n",
            context.keys.with_deadline()
        ),
    }
}

pub(super) fn command(context: &mut Context<'_>, request: Request<'_>) -> Result {
    let Some(subcommand) = request.args_from(1).next() else {
        context.output.array(COMMANDS.len());
        for command in COMMANDS {
            describe(context.output, command);
        }
        return Ok(Outcome::Done);
    };
    if is(subcommand, "count") {
        arity(request.len() == 2, "command", subcommand)?;
        context.output.integer(COMMANDS.len() as i64);
    } else if is(subcommand, "docs") {
        let found: Vec<_> = if request.len() == 2 {
            COMMANDS.iter().collect()
        } else {
            request.args_from(2).filter_map(table::find).collect()
        };
        context.output.array(found.len() * 2);
        for command in found {
            document(context.output, command);
        }
    } else if is(subcommand, "info") {
        context.output.array(request.len() - 2);
        for name in request.args_from(2) {
            match table::find(name) {
                Some(command) => describe(context.output, command),
                None => context.output.raw(b"*-1\r\n"),
            }
        }
    } else {
        return Err(CommandError::UnknownSubcommand(
            shown(subcommand),
            "command",
        ));
    }
    Ok(Outcome::Done)
}

fn describe(output: &mut Output, command: &Command) {
    output.array(6);
    output.bulk(command.name.as_bytes());
    output.integer(i64::from(command.arity));
    output.array(command.flags.len());
    for flag in command.flags {
        output.simple(flag);
    }
    let (first, last, step) = command.keys;
    for place in [first, last, step] {
        output.integer(i64::from(place));
    }
}

fn document(output: &mut Output, command: &Command) {
    output.bulk(command.name.as_bytes());
    output.array(6);
    for text in [
        "summary",
        command.summary,
        "since",
        VERSION,
        "group",
        command.group,
    ] {
        output.bulk(text.as_bytes());
    }
}
