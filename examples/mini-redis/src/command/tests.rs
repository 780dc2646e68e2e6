use std::sync::Arc;

use super::table::COMMANDS;
use super::{Context, Outcome, Session, execute};
use crate::client::{Client, MailLimits};
use crate::output::Output;
use crate::request::{Limits, Parser};
use crate::server::{Options, Shared};

/// A client without a connection.
struct Terminal {
    session: Session,
}

impl Terminal {
    fn new() -> Terminal {
        Terminal::beside(&Arc::new(Shared::new(Options::default(), 0)))
    }

    fn beside(shared: &Arc<Shared>) -> Terminal {
        let client = Arc::new(Client::new(1, MailLimits::default()));
        let session = Session::new(Arc::clone(shared), client);
        Terminal { session }
    }

    /// What comes back for a line, with `|` for each line end.
    fn ask(&mut self, line: &str) -> String {
        let mut parser = Parser::new(Limits::default());
        let line = format!("{line}\r\n");
        let (request, _) = parser.parse(line.as_bytes()).unwrap().unwrap();
        let mut output = Output::default();
        let database = self.session.shared().database.clone();
        let mut context = Context {
            keys: &mut database.lock(),
            session: &mut self.session,
            output: &mut output,
        };
        if let Outcome::Values(values) = execute(&mut context, request) {
            output.array(values.len());
            values.iter().for_each(|value| output.value(value.as_ref()));
        }
        let bytes = output.into_bytes();
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .replace("\r\n", "|")
    }

    fn check(&mut self, conversation: &[(&str, &str)]) {
        for (line, expected) in conversation {
            assert_eq!(self.ask(line), *expected, "{line}");
        }
    }
}

#[test]
fn the_table_is_in_order() {
    assert!(COMMANDS.is_sorted_by_key(|command| command.name));
    for command in COMMANDS {
        assert!(super::table::find(command.name.to_uppercase().as_bytes()).is_some());
    }
}

#[sinew::test(start_paused = true)]
async fn values() {
    Terminal::new().check(&[
        ("GET k", "$-1|"),
        ("SET k v", "+OK|"),
        ("get k", "$1|v|"),
        ("SET k w NX", "$-1|"),
        ("SET k w XX GET", "$1|v|"),
        ("SET new w XX", "$-1|"),
        ("SET new w NX GET", "$-1|"),
        ("MGET k new none", "*3|$1|w|$1|w|$-1|"),
        ("MSET a 1 b 2", "+OK|"),
        ("APPEND a 23", ":3|"),
        ("APPEND c x", ":1|"),
        ("STRLEN a", ":3|"),
        ("STRLEN none", ":0|"),
        ("EXISTS a b a none", ":3|"),
        ("TYPE a", "+string|"),
        ("TYPE none", "+none|"),
        ("DBSIZE", ":5|"),
        ("DEL a b none", ":2|"),
        ("KEYS k*", "*1|$1|k|"),
        ("FLUSHALL", "+OK|"),
        ("KEYS *", "*0|"),
    ]);
}

#[sinew::test(start_paused = true)]
async fn counting() {
    Terminal::new().check(&[
        ("INCR n", ":1|"),
        ("INCRBY n 9", ":10|"),
        ("DECR n", ":9|"),
        ("DECRBY n 10", ":-1|"),
        ("SET n 9223372036854775807", "+OK|"),
        ("INCR n", "-ERR increment or decrement would overflow|"),
        ("GET n", "$19|9223372036854775807|"),
        (
            "DECRBY n -9223372036854775808",
            "-ERR decrement would overflow|",
        ),
        (
            "INCRBY n x",
            "-ERR value is not an integer or out of range|",
        ),
        ("SET n 01", "+OK|"),
        ("INCR n", "-ERR value is not an integer or out of range|"),
    ]);
}

#[sinew::test(start_paused = true)]
async fn deadlines() {
    let mut terminal = Terminal::new();
    terminal.check(&[
        ("SET k v EX 10", "+OK|"),
        ("TTL k", ":10|"),
        ("PTTL k", ":10000|"),
        ("SET k v KEEPTTL", "+OK|"),
        ("TTL k", ":10|"),
        ("SET k v", "+OK|"),
        ("TTL k", ":-1|"),
        ("TTL none", ":-2|"),
        ("SET k v PX 1500", "+OK|"),
        ("TTL k", ":2|"),
        ("PERSIST k", ":1|"),
        ("PERSIST k", ":0|"),
        ("EXPIRE k 100", ":1|"),
        ("EXPIRE k 50 GT", ":0|"),
        ("EXPIRE k 50 NX", ":0|"),
        ("EXPIRE k 50 LT", ":1|"),
        ("PEXPIRE k 60000 XX", ":1|"),
        ("PTTL k", ":60000|"),
        ("EXPIRE k 1 NX XX", "-ERR syntax error|"),
        ("EXPIRE none 1", ":0|"),
        ("SET k v EX 0", "-ERR invalid expire time in 'set' command|"),
        (
            "SET k v EX 9223372036854775807",
            "-ERR invalid expire time in 'set' command|",
        ),
        (
            "EXPIRE k 9223372036854775807",
            "-ERR invalid expire time in 'expire' command|",
        ),
        ("SET k v PX 9000000000000000", "+OK|"),
        ("SET k v EX 1 PX 1", "-ERR syntax error|"),
        ("SET k v EX 1 KEEPTTL", "-ERR syntax error|"),
        ("SET k v NX XX", "-ERR syntax error|"),
        ("SET k v EX", "-ERR syntax error|"),
        (
            "SET k v EX x",
            "-ERR value is not an integer or out of range|",
        ),
        ("SET k v EXAT 1", "+OK|"),
        ("EXISTS k", ":0|"),
        ("SET k v PXAT 9000000000000", "+OK|"),
        ("EXPIRE k -1", ":1|"),
        ("EXISTS k", ":0|"),
        ("SET k v EX 10", "+OK|"),
    ]);
    sinew::time::advance(sinew::time::Duration::from_secs(10)).await;
    terminal.check(&[("GET k", "$-1|"), ("INCR k", ":1|"), ("TTL k", ":-1|")]);
}

#[sinew::test]
async fn refusals_in_the_words_of_redis() {
    Terminal::new().check(&[
        ("GET", "-ERR wrong number of arguments for 'get' command|"),
        (
            "MSET a",
            "-ERR wrong number of arguments for 'mset' command|",
        ),
        (
            "MSET a 1 b",
            "-ERR wrong number of arguments for 'mset' command|",
        ),
        (
            "PING a b",
            "-ERR wrong number of arguments for 'ping' command|",
        ),
        (
            "nope a b",
            "-ERR unknown command 'nope', with args beginning with: 'a' 'b' |",
        ),
        (
            r#""no\r\npe""#,
            "-ERR unknown command 'no  pe', with args beginning with: |",
        ),
        (
            "CLIENT ID 1",
            "-ERR wrong number of arguments for 'client|id' command|",
        ),
        (
            "CLIENT nope",
            "-ERR unknown subcommand 'nope'. Try CLIENT HELP.|",
        ),
        (
            "CLIENT SETNAME 'a b'",
            "-ERR Client names cannot contain spaces, newlines or special characters.|",
        ),
        ("SELECT 1", "-ERR DB index is out of range|"),
        ("SELECT x", "-ERR value is not an integer or out of range|"),
        ("HELLO 3", "-NOPROTO unsupported protocol version|"),
        ("HELLO 2 AUTH", "-ERR syntax error|"),
        ("FLUSHDB now", "-ERR syntax error|"),
    ]);
}

#[sinew::test]
async fn the_connection_and_the_server() {
    let mut terminal = Terminal::new();
    terminal.check(&[
        ("PING", "+PONG|"),
        ("PING hi", "$2|hi|"),
        ("ECHO hi", "$2|hi|"),
        ("SELECT 0", "+OK|"),
        ("CLIENT GETNAME", "$-1|"),
        ("CLIENT SETNAME me", "+OK|"),
        ("CLIENT GETNAME", "$2|me|"),
        ("CLIENT SETINFO LIB-NAME x", "+OK|"),
        ("CLIENT ID", ":1|"),
        (
            "CONFIG GET save maxc*",
            "*4|$10|maxclients|$5|10000|$4|save|$0||",
        ),
        ("QUIT", "+OK|"),
    ]);
    assert!(
        terminal
            .ask("HELLO 2")
            .starts_with("*14|$6|server|$5|redis|")
    );
    assert_eq!(
        terminal.ask("COMMAND COUNT"),
        format!(":{}|", COMMANDS.len())
    );
    assert!(
        terminal
            .ask("COMMAND")
            .starts_with(&format!("*{}|*6|$6|append|:3|", COMMANDS.len()))
    );
    assert!(
        terminal
            .ask("COMMAND DOCS get")
            .starts_with("*2|$3|get|*6|$7|summary|")
    );
    assert!(terminal.ask("COMMAND INFO get none").ends_with("*-1|"));
    let info = terminal.ask("INFO");
    assert!(
        info.contains("# Server|") && info.contains("# Stats|"),
        "{info}"
    );
    assert!(!terminal.ask("INFO server").contains("# Stats|"));
}

#[sinew::test]
async fn who_listens() {
    let shared = Arc::new(Shared::new(Options::default(), 0));
    let mut listener = Terminal::beside(&shared);
    let mut speaker = Terminal::beside(&shared);
    listener.check(&[
        ("SUBSCRIBE a b", "*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|b|:2|"),
        ("PSUBSCRIBE a*", "*3|$10|psubscribe|$2|a*|:3|"),
        ("GET k", "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context|"),
        ("PING", "*2|$4|pong|$0||"),
    ]);
    speaker.check(&[("PUBLISH a x", ":2|"), ("PUBLISH none x", ":0|")]);
    let messages = "*3|$7|message|$1|a|$1|x|*4|$8|pmessage|$2|a*|$1|a|$1|x|";
    let reply = format!("{messages}*3|$11|unsubscribe|$1|a|:2|");
    listener.check(&[
        ("UNSUBSCRIBE a", reply.as_str()),
        ("UNSUBSCRIBE", "*3|$11|unsubscribe|$1|b|:1|"),
        ("PUNSUBSCRIBE", "*3|$12|punsubscribe|$2|a*|:0|"),
        ("UNSUBSCRIBE", "*3|$11|unsubscribe|$-1|:0|"),
        ("GET k", "$-1|"),
        ("SUBSCRIBE a", "*3|$9|subscribe|$1|a|:1|"),
    ]);
    drop(listener);
    speaker.check(&[("PUBLISH a x", ":0|")]);
}
