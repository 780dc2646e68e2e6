//! The executors of futures, smol and tokio driving sinew's net and time.
//!
//! Run it: `cargo run -p foreign-executor`
//!
//! There is no sinew runtime to start: `crates.txt` lists all crates that this
//! pulls in, and those of sinew among them are neither an executor nor a runtime.
//! tokio's runtime has its own timers and IO switched off.

use std::io;
use std::net::SocketAddr;

use sinew_io::{AsyncReadExt, AsyncWriteExt};
use sinew_net::{TcpListener, TcpStream};
use sinew_time::{Duration, Instant, sleep, timeout};

/// How long the server takes to answer.
const PAUSE: Duration = Duration::from_millis(30);

const TEXT: &str = "the same code under any executor";

async fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    Ok((listener, addr))
}

/// Serves one connection: sends everything back, after a pause.
async fn serve(listener: TcpListener) -> io::Result<u64> {
    let (stream, _) = listener.accept().await?;
    sleep(PAUSE).await;
    sinew_io::copy(&mut &stream, &mut &stream).await
}

/// What has come back, and how long that took.
#[derive(Debug)]
struct Answer {
    text: String,
    after: Duration,
}

async fn ask(addr: SocketAddr) -> io::Result<Answer> {
    let start = Instant::now();
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(TEXT.as_bytes()).await?;
    stream.shutdown().await?;
    let mut text = String::new();
    timeout(Duration::from_secs(5), stream.read_to_string(&mut text)).await??;
    let after = start.elapsed();
    Ok(Answer { text, after })
}

/// Server and client in one future, for an executor without tasks.
async fn echo_in_one_task() -> io::Result<Answer> {
    let (listener, addr) = listen().await?;
    let (_, answer) = futures::try_join!(serve(listener), ask(addr))?;
    Ok(answer)
}

fn under_futures() -> io::Result<Answer> {
    futures::executor::block_on(echo_in_one_task())
}

/// A task for the server, on smol's executor.
fn under_smol() -> io::Result<Answer> {
    let executor = smol::Executor::new();
    smol::block_on(executor.run(async {
        let (listener, addr) = listen().await?;
        let server = executor.spawn(serve(listener));
        let answer = ask(addr).await?;
        server.await?;
        Ok(answer)
    }))
}

/// A task for the server, on a tokio runtime without timers and without IO.
fn under_tokio() -> io::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let (listener, addr) = listen().await?;
        let server = tokio::spawn(serve(listener));
        let answer = ask(addr).await?;
        server.await??;
        Ok(answer)
    })
}

/// Passes an answer on that is right and did not come early.
fn check(answer: io::Result<Answer>) -> io::Result<Answer> {
    let answer = answer?;
    assert_eq!(answer.text, TEXT);
    assert!(answer.after >= PAUSE, "too early: {:?}", answer.after);
    Ok(answer)
}

fn main() -> io::Result<()> {
    for (name, answer) in [
        ("futures::executor::block_on", under_futures()),
        ("smol", under_smol()),
        ("tokio", under_tokio()),
    ] {
        let Answer { text, after } = check(answer)?;
        println!("under {name}: {text:?} came back after {after:?}");
    }
    Ok(())
}

#[cfg(test)]
#[test]
fn echoes_under_futures() {
    check(under_futures()).unwrap();
}

#[cfg(test)]
#[test]
fn echoes_under_smol() {
    check(under_smol()).unwrap();
}

#[cfg(test)]
#[test]
fn echoes_under_tokio() {
    check(under_tokio()).unwrap();
}
