//! A client: `mini-redis-cli [--addr ADDR] [COMMAND [ARGUMENT]...]`. Without a
//! command it reads lines, sends each as a request, and shows what comes back.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

use bytes::{Buf, BytesMut};
use lexopt::prelude::*;
use mini_redis::args::DEFAULT_ADDR;
use mini_redis::reply::{Reply, ReplyParser};
use mini_redis::request;
use sinew::io::{BufReader, stdin};
use sinew::net::TcpStream;
use sinew::prelude::*;

const HELP: &str = "\
Sends commands to a server that speaks Redis' protocol.

Usage: mini-redis-cli [--addr ADDR] [COMMAND [ARGUMENT]...]

Without a command, reads lines and sends each. After SUBSCRIBE or PSUBSCRIBE it
shows messages until the connection ends.

Options:
  --addr ADDR   where the server is [default: 127.0.0.1:6379]
  -h, --help    print this help
";

#[sinew::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match parse() {
        Ok(Some((addr, command))) => talk(&addr, command).await,
        Ok(None) => print(HELP).map(|()| ExitCode::SUCCESS),
        Err(error) => Err(io::Error::other(format!("{error}; see --help"))),
    };
    outcome.unwrap_or_else(|error| {
        // Without a standard error there is nowhere to say it.
        let _ = writeln!(io::stderr(), "mini-redis-cli: {error}");
        ExitCode::FAILURE
    })
}

/// Where to connect, and the command; `None`: help is asked for.
fn parse() -> Result<Option<(String, Vec<OsString>)>, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let mut addr = DEFAULT_ADDR.to_owned();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("addr") => addr = parser.value()?.string()?,
            Short('h') | Long("help") => return Ok(None),
            Value(name) => {
                // What follows is the command's, whatever it looks like.
                let rest = parser.raw_args()?;
                return Ok(Some((addr, std::iter::once(name).chain(rest).collect())));
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some((addr, Vec::new())))
}

async fn talk(addr: &str, command: Vec<OsString>) -> io::Result<ExitCode> {
    let mut server = Server::connect(addr).await?;
    if !command.is_empty() {
        let args: Vec<_> = command.into_iter().map(OsStringExt::into_vec).collect();
        let mut bytes = Vec::new();
        request::encode(&args, &mut bytes);
        let reply = server.ask(&bytes, &args[0]).await?;
        let failed = matches!(reply, Reply::Error(_));
        return Ok(if failed {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        });
    }
    let mut lines = BufReader::new(stdin()).lines();
    loop {
        print(&format!("{addr}> "))?;
        let Some(line) = lines.next_line().await? else {
            print("\n")?;
            return Ok(ExitCode::SUCCESS);
        };
        // The server splits lines into words by itself, quotes and all.
        let name = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        if !name.is_empty() {
            server
                .ask(format!("{line}\r\n").as_bytes(), name.as_bytes())
                .await?;
        }
    }
}

struct Server {
    stream: TcpStream,
    input: BytesMut,
    parser: ReplyParser,
}

impl Server {
    async fn connect(addr: &str) -> io::Result<Server> {
        let stream = TcpStream::connect(addr).await?;
        let (input, parser) = (BytesMut::new(), ReplyParser::new());
        Ok(Server {
            stream,
            input,
            parser,
        })
    }

    /// Sends a request and shows the reply, and all further ones if the command
    /// is to listen.
    async fn ask(&mut self, request: &[u8], name: &[u8]) -> io::Result<Reply> {
        self.stream.write_all(request).await?;
        let listens = ["subscribe", "psubscribe"];
        let listens = listens
            .iter()
            .any(|word| name.eq_ignore_ascii_case(word.as_bytes()));
        loop {
            let reply = self.reply().await?;
            let mut shown = String::new();
            reply.show(&mut shown);
            print(&shown)?;
            if !listens || matches!(reply, Reply::Error(_)) {
                return Ok(reply);
            }
        }
    }

    async fn reply(&mut self) -> io::Result<Reply> {
        loop {
            let parsed = self.parser.parse(&self.input);
            if let Some((reply, length)) =
                parsed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?
            {
                self.input.advance(length);
                return Ok(reply);
            }
            if self.stream.read_buf(&mut self.input).await? == 0 {
                let what = "the server has closed the connection";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
            }
        }
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
