//! The commands: which there are, and what each does.
//!
//! [`execute`] checks what all have in common (the name, the number of
//! arguments, whether a client that listens may use it) and calls the function
//! that the [`table`] names. Errors are in Redis' own words: clients compare them.

mod expiry;
mod introspection;
mod keyspace;
mod listening;
mod session;
mod strings;
pub mod table;

use std::fmt;

use bytes::Bytes;

use crate::database::Keys;
use crate::output::Output;
use crate::request::Request;
pub use session::Session;
use table::Command;

/// What a command may look at and change.
#[derive(Debug)]
pub struct Context<'a> {
    /// The database, locked.
    pub keys: &'a mut Keys,
    /// The connection that the command came from.
    pub session: &'a mut Session,
    /// Where the reply goes.
    pub output: &'a mut Output,
}

/// What is left to be done after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: the reply is in the output.
    Done,
    /// To send these as an array. There may be so many that the connection
    /// writes some, and waits until they are sent, before it writes more.
    Values(Vec<Option<Bytes>>),
    /// To close the connection when all is sent.
    Close,
}

/// Why a command was refused. The text is the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// No such command: the name and the first arguments, shortened.
    Unknown(String, String),
    /// No such subcommand of this command.
    UnknownSubcommand(String, &'static str),
    /// Too few or too many arguments for this command.
    Arity(String),
    /// An option is not known, or does not go with another one.
    Syntax,
    /// An argument is no integer of 64 bits.
    NotInteger,
    /// The result would be none.
    Overflow,
    /// Subtracting the least integer, which has no counterpart.
    DecrementOverflow,
    /// A deadline for this command that there cannot be.
    ExpireTime(&'static str),
    /// There is one database.
    DatabaseIndex,
    /// The value would be longer than a client may send.
    TooLong,
    /// HELLO asks for a version other than 2.
    ProtocolVersion,
    /// A name with spaces or line ends.
    ClientName,
    /// A client that listens must not use this command.
    Listening(&'static str),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            CommandError::Unknown(name, args) => {
                return write!(
                    f,
                    "ERR unknown command '{name}', with args beginning with: {args}"
                );
            }
            CommandError::UnknownSubcommand(name, command) => {
                let help = command.to_ascii_uppercase();
                return write!(f, "ERR unknown subcommand '{name}'. Try {help} HELP.");
            }
            CommandError::Arity(command) => {
                return write!(f, "ERR wrong number of arguments for '{command}' command");
            }
            CommandError::ExpireTime(command) => {
                return write!(f, "ERR invalid expire time in '{command}' command");
            }
            CommandError::Listening(command) => {
                return write!(
                    f,
                    "ERR Can't execute '{command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING \
                     / QUIT / RESET are allowed in this context"
                );
            }
            CommandError::Syntax => "ERR syntax error",
            CommandError::NotInteger => "ERR value is not an integer or out of range",
            CommandError::Overflow => "ERR increment or decrement would overflow",
            CommandError::DecrementOverflow => "ERR decrement would overflow",
            CommandError::DatabaseIndex => "ERR DB index is out of range",
            CommandError::TooLong => "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
            CommandError::ProtocolVersion => "NOPROTO unsupported protocol version",
            CommandError::ClientName => {
                "ERR Client names cannot contain spaces, newlines or special characters."
            }
        };
        f.write_str(text)
    }
}

impl std::error::Error for CommandError {}

type Result<T = Outcome> = std::result::Result<T, CommandError>;

/// How much of a stranger's words is shown back to him, in bytes.
const SHOWN: usize = 128;

/// Executes a request that is not empty. Errors go to the output, as replies.
pub fn execute(context: &mut Context<'_>, request: Request<'_>) -> Outcome {
    context.keys.count_command();
    let outcome = find(context, request).and_then(|command| (command.run)(context, request));
    outcome.unwrap_or_else(|error| {
        context.output.error(format_args!("{error}"));
        Outcome::Done
    })
}

fn find(context: &Context<'_>, request: Request<'_>) -> Result<&'static Command> {
    let name = request.arg(0);
    let command = table::find(name).ok_or_else(|| unknown(request))?;
    if !command.takes(request.len()) {
        return Err(CommandError::Arity(command.name.to_owned()));
    }
    if !command.while_listening && context.session.is_listening() {
        return Err(CommandError::Listening(command.name));
    }
    Ok(command)
}

fn unknown(request: Request<'_>) -> CommandError {
    let mut args = String::new();
    for arg in request.args_from(1) {
        if args.len() >= SHOWN {
            break;
        }
        args.push_str(&format!("'{}' ", shown(arg)));
    }
    CommandError::Unknown(shown(request.arg(0)), args)
}

fn shown(arg: &[u8]) -> String {
    String::from_utf8_lossy(&arg[..arg.len().min(SHOWN)]).into_owned()
}

/// Whether an argument is this word, in either case.
fn is(arg: &[u8], word: &str) -> bool {
    arg.eq_ignore_ascii_case(word.as_bytes())
}

/// An argument that has to be an integer.
fn integer(arg: &[u8]) -> Result<i64> {
    crate::number::parse(arg).ok_or(CommandError::NotInteger)
}

/// Checks the number of arguments of a subcommand.
fn arity(right: bool, command: &str, subcommand: &[u8]) -> Result<()> {
    if right {
        return Ok(());
    }
    let subcommand = shown(subcommand).to_ascii_lowercase();
    Err(CommandError::Arity(format!("{command}|{subcommand}")))
}

#[cfg(test)]
mod tests;
