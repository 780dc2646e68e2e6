//! The table of commands.

use super::{Context, Outcome, Result};
use super::{expiry, introspection, keyspace, listening, session, strings};
use crate::request::Request;

type Run = fn(&mut Context<'_>, Request<'_>) -> Result<Outcome>;

/// One command.
#[derive(Debug)]
pub struct Command {
    /// In lower case.
    pub name: &'static str,
    /// How many arguments, with the name; negative: so many or more.
    pub arity: i8,
    /// In words that clients know: `write`, `readonly`, `fast`...
    pub flags: &'static [&'static str],
    /// Where the keys are: the first, the last (negative: from the end), the step.
    pub keys: (i8, i8, i8),
    /// What it belongs to.
    pub group: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Whether a client that listens to channels may use it.
    pub while_listening: bool,
    pub(super) run: Run,
}

impl Command {
    /// Whether it takes so many arguments, with its name.
    #[must_use]
    pub fn takes(&self, count: usize) -> bool {
        let least = usize::from(self.arity.unsigned_abs());
        if self.arity < 0 {
            count >= least
        } else {
            count == least
        }
    }

    const fn new(name: &'static str, arity: i8, summary: &'static str, run: Run) -> Command {
        Command {
            name,
            arity,
            flags: &["fast"],
            keys: (0, 0, 0),
            group: "server",
            summary,
            while_listening: false,
            run,
        }
    }

    const fn on(mut self, group: &'static str) -> Command {
        self.group = group;
        self
    }

    const fn reads(mut self, last: i8) -> Command {
        self.flags = &["readonly", "fast"];
        self.keys = (1, last, 1);
        self
    }

    const fn writes(mut self, last: i8, step: i8) -> Command {
        self.flags = &["write", "fast"];
        self.keys = (1, last, step);
        self
    }

    const fn listening(mut self) -> Command {
        self.flags = &["pubsub", "noscript", "loading", "stale"];
        self.group = "pubsub";
        self.while_listening = true;
        self
    }
}

/// All of them, in the order of their names.
pub static COMMANDS: &[Command] = &[
    Command::new("append", 3, "Appends to a value", strings::append)
        .writes(1, 1)
        .on("string"),
    Command::new(
        "client",
        -2,
        "Names and identifies a connection",
        session::client,
    )
    .on("connection"),
    Command::new(
        "command",
        -1,
        "Describes the commands",
        introspection::command,
    ),
    Command::new(
        "config",
        -2,
        "Reads the configuration",
        introspection::config,
    ),
    Command::new("dbsize", 1, "Counts the keys", keyspace::dbsize),
    Command::new("decr", 2, "Subtracts one from an integer", strings::decr)
        .writes(1, 1)
        .on("string"),
    Command::new("decrby", 3, "Subtracts from an integer", strings::decrby)
        .writes(1, 1)
        .on("string"),
    Command::new("del", -2, "Removes keys", keyspace::del)
        .writes(-1, 1)
        .on("generic"),
    Command::new("echo", 2, "Sends its argument back", session::echo).on("connection"),
    Command::new(
        "exists",
        -2,
        "Counts which of the keys exist",
        keyspace::exists,
    )
    .reads(-1)
    .on("generic"),
    Command::new(
        "expire",
        -3,
        "Sets a deadline in seconds from now",
        expiry::expire,
    )
    .writes(1, 1)
    .on("generic"),
    Command::new("flushall", -1, "Removes all keys", keyspace::flush),
    Command::new("flushdb", -1, "Removes all keys", keyspace::flush),
    Command::new("get", 2, "Reads a value", strings::get)
        .reads(1)
        .on("string"),
    Command::new("hello", -1, "Opens a conversation", session::hello).on("connection"),
    Command::new("incr", 2, "Adds one to an integer", strings::incr)
        .writes(1, 1)
        .on("string"),
    Command::new("incrby", 3, "Adds to an integer", strings::incrby)
        .writes(1, 1)
        .on("string"),
    Command::new("info", -1, "Tells about the server", introspection::info),
    Command::new(
        "keys",
        2,
        "Lists the keys that match a pattern",
        keyspace::keys,
    )
    .on("generic"),
    Command::new("mget", -2, "Reads values", strings::mget)
        .reads(-1)
        .on("string"),
    Command::new("mset", -3, "Writes values", strings::mset)
        .writes(-1, 2)
        .on("string"),
    Command::new("persist", 2, "Removes a deadline", expiry::persist)
        .writes(1, 1)
        .on("generic"),
    Command::new(
        "pexpire",
        -3,
        "Sets a deadline in milliseconds from now",
        expiry::pexpire,
    )
    .writes(1, 1)
    .on("generic"),
    Command {
        while_listening: true,
        ..PING
    },
    Command::new(
        "psubscribe",
        -2,
        "Listens to channels by pattern",
        listening::psubscribe,
    )
    .listening(),
    Command::new(
        "pttl",
        2,
        "Tells the time to live in milliseconds",
        expiry::pttl,
    )
    .reads(1)
    .on("generic"),
    Command::new(
        "publish",
        3,
        "Sends a message to a channel",
        listening::publish,
    )
    .on("pubsub"),
    Command::new(
        "punsubscribe",
        -1,
        "Listens to patterns no more",
        listening::punsubscribe,
    )
    .listening(),
    Command {
        while_listening: true,
        ..QUIT
    },
    Command::new("select", 2, "Selects the one database", session::select).on("connection"),
    Command::new("set", -3, "Writes a value", strings::set)
        .writes(1, 1)
        .on("string"),
    Command::new("strlen", 2, "Tells the length of a value", strings::strlen)
        .reads(1)
        .on("string"),
    Command::new("subscribe", -2, "Listens to channels", listening::subscribe).listening(),
    Command::new("ttl", 2, "Tells the time to live in seconds", expiry::ttl)
        .reads(1)
        .on("generic"),
    Command::new("type", 2, "Tells the type of a value", keyspace::type_of)
        .reads(1)
        .on("generic"),
    Command::new(
        "unsubscribe",
        -1,
        "Listens to channels no more",
        listening::unsubscribe,
    )
    .listening(),
];

const PING: Command = Command::new("ping", -1, "Answers", session::ping).on("connection");
const QUIT: Command =
    Command::new("quit", -1, "Ends the connection", session::quit).on("connection");

/// No name is longer.
const LONGEST: usize = 16;

/// The command of this name, in either case.
#[must_use]
pub fn find(name: &[u8]) -> Option<&'static Command> {
    let mut buffer = [0; LONGEST];
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let place = COMMANDS.binary_search_by(|command| command.name.as_bytes().cmp(lower));
    place.ok().map(|place| &COMMANDS[place])
}
