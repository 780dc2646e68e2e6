//! What goes in by tokio's or hyper's traits comes out by them, for every IO type there is.
//! (The sockets' tests are beside them, in `sinew-net`.)

use std::fmt::Debug;
use std::future::poll_fn;
use std::io::{self, ErrorKind, SeekFrom};
use std::mem::MaybeUninit;
use std::net;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::process::Stdio;

use futures::future::join;
use hyper::rt::{Read, ReadBuf, Write};
use sinew::fs::{File, OpenOptions};
use sinew::io::{self as sinew_io, Async, IoSlice, duplex, simplex};
use sinew::net::unix::pipe;
use sinew::process::Command;
use sinew::task::UnblockIo;
use sinew::testing::io::{Builder, Scripted, Step};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt};

/// More than pipes and buffers hold, so that both sides have to wait for each other.
const LARGE: usize = 300_000;

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

fn run<F: Future>(future: F) -> F::Output {
    let limit = std::time::Duration::from_secs(60);
    sinew::block_on(sinew::time::timeout(limit, future)).expect("the test hangs")
}

/// Writes all in two pieces at a time, then shuts down and drops the writer.
async fn hyper_write(mut to: impl Write + Unpin, bytes: &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        let (first, second) = bytes[at..].split_at(1);
        let pieces = [IoSlice::new(first), IoSlice::new(second)];
        let written = poll_fn(|cx| Pin::new(&mut to).poll_write_vectored(cx, &pieces)).await;
        at += written.unwrap();
    }
    poll_fn(|cx| Pin::new(&mut to).poll_flush(cx))
        .await
        .unwrap();
    poll_fn(|cx| Pin::new(&mut to).poll_shutdown(cx))
        .await
        .unwrap();
}

/// Reads to the end, each time behind what is in the buffer already.
async fn hyper_read(mut from: impl Read + Unpin) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let mut space = [MaybeUninit::uninit(); 777];
        let mut buf = ReadBuf::uninit(&mut space);
        buf.unfilled().put_slice(b"here");
        poll_fn(|cx| Pin::new(&mut from).poll_read(cx, buf.unfilled()))
            .await
            .unwrap();
        let read = buf.filled().strip_prefix(b"here").unwrap();
        if read.is_empty() {
            return all;
        }
        all.extend_from_slice(read);
    }
}

async fn tokio_write(mut to: impl AsyncWrite + Unpin, bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    to.write_all(first).await.unwrap();
    to.write_all_buf(&mut &rest[..]).await.unwrap();
    to.flush().await.unwrap();
    to.shutdown().await.unwrap();
}

async fn tokio_read(mut from: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut all = Vec::with_capacity(100);
    from.read_buf(&mut all).await.unwrap();
    from.read_to_end(&mut all).await.unwrap();
    all
}

/// Sends through two pairs of ends, one for each family.
async fn passes<W, R>(mut pair: impl FnMut() -> (W, R))
where
    W: AsyncWrite + Write + Unpin,
    R: AsyncRead + Read + Unpin,
{
    let sent = pattern(LARGE);
    let (to, from) = pair();
    assert!(AsyncWrite::is_write_vectored(&to) && Write::is_write_vectored(&to));
    let ((), received) = join(tokio_write(to, &sent), tokio_read(from)).await;
    assert!(received == sent, "{} bytes by tokio's", received.len());
    let (to, from) = pair();
    let ((), received) = join(hyper_write(to, &sent), hyper_read(from)).await;
    assert!(received == sent, "{} bytes by hyper's", received.len());
}

#[test]
fn streams_in_memory() {
    run(async {
        passes(|| duplex(100)).await;
        passes(|| {
            let (from, to) = simplex(100);
            (to, from)
        })
        .await;
        passes(|| {
            let (near, far) = duplex(100);
            (
                sinew_io::BufWriter::new(near),
                sinew_io::BufReader::new(far),
            )
        })
        .await;
        passes(|| {
            let (near, far) = duplex(100);
            (sinew_io::split(near).1, sinew_io::split(far).0)
        })
        .await;
    });
}

#[test]
fn unix_pipes() {
    run(passes(|| pipe::pipe().unwrap()));
}

#[test]
fn any_descriptor() {
    fn tcp() -> (net::TcpStream, net::TcpStream) {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let near = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (near, listener.accept().unwrap().0)
    }
    run(async {
        // Sockets: the end is told by shutting down, while both ends are there.
        let mut kept = Vec::new();
        passes(|| {
            let (near, far) = tcp();
            kept.push(near.try_clone().unwrap());
            (Async::new(near).unwrap(), Async::new(far).unwrap())
        })
        .await;
        let ends: Vec<_> = (0..2)
            .map(|_| UnixStream::pair().unwrap())
            .map(|(near, far)| (Async::new(near).unwrap(), Async::new(far).unwrap()))
            .collect();
        let mut ends = ends.iter();
        passes(|| ends.next().map(|(near, far)| (near, far)).unwrap()).await;
    });
}

/// A pipe's writer has nothing to shut down; dropping it is the end.
#[test]
fn pipes_of_the_standard_library() {
    run(async {
        let mut child = std::process::Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = Async::new(child.stdin.take().unwrap()).unwrap();
        let from = Async::new(child.stdout.take().unwrap()).unwrap();
        let sent = pattern(LARGE);
        let ((), received) = join(tokio_write(to, &sent), hyper_read(from)).await;
        assert!(received == sent);
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn pipes_of_a_child() {
    let sent = pattern(LARGE);
    run(async {
        let mut children = Vec::new();
        passes(|| {
            let mut cat = Command::new("cat");
            cat.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = cat.spawn().unwrap();
            let ends = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            children.push(child);
            ends
        })
        .await;
        for mut child in children {
            assert!(child.wait().await.unwrap().success());
        }
        for tokios in [true, false] {
            let mut cat = Command::new("sh");
            cat.args(["-c", "cat >&2"]);
            cat.stdin(Stdio::piped()).stderr(Stdio::piped());
            let mut child = cat.spawn().unwrap();
            let to = child.stdin.take().unwrap();
            let from = child.stderr.take().unwrap();
            let ((), received) = match tokios {
                true => join(tokio_write(to, &sent), tokio_read(from)).await,
                false => join(hyper_write(to, &sent), hyper_read(from)).await,
            };
            assert!(received == sent);
            assert!(child.wait().await.unwrap().success());
        }
    });
}

#[test]
fn files() {
    let sent = pattern(LARGE);
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let path = dir.path().join("tokio");
        tokio_write(File::create(&path).await.unwrap(), &sent).await;
        assert!(tokio_read(File::open(&path).await.unwrap()).await == sent);

        let path = dir.path().join("hyper");
        hyper_write(File::create(&path).await.unwrap(), &sent).await;
        assert!(hyper_read(File::open(&path).await.unwrap()).await == sent);

        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).open(&path).await.unwrap();
        assert_eq!(
            file.seek(SeekFrom::End(-3)).await.unwrap() + 3,
            LARGE as u64
        );
        file.write_all(b"end").await.unwrap();
        assert_eq!(file.stream_position().await.unwrap(), LARGE as u64);
        file.rewind().await.unwrap();
        file.seek(SeekFrom::Current(-1)).await.unwrap_err();
        let all = tokio_read(file).await;
        assert!(all.starts_with(&sent[..100]) && all.ends_with(b"end"));
    });
}

#[test]
fn blocking_values() {
    run(async {
        let sent = pattern(LARGE);
        let (to, from) = UnixStream::pair().unwrap();
        let far = to.try_clone().unwrap();
        let write = async {
            tokio_write(UnblockIo::new(to), &sent).await;
            far.shutdown(net::Shutdown::Write).unwrap();
        };
        let ((), received) = join(write, hyper_read(UnblockIo::new(from))).await;
        assert!(received == sent);

        let mut cursor = UnblockIo::new(io::Cursor::new(pattern(100)));
        assert_eq!(cursor.read_u8().await.unwrap(), 0);
        assert_eq!(cursor.seek(SeekFrom::Current(9)).await.unwrap(), 10);
        assert_eq!(cursor.read_u8().await.unwrap(), 10);
        hyper_write(cursor, b"xyz").await;
    });
}

#[test]
fn scripts() {
    run(async {
        let script = || Builder::new().write(b"cd").read(b"ab").build();
        let mut mock = script();
        mock.write_all(b"cd").await.unwrap();
        assert_eq!(mock.read_u16().await.unwrap(), u16::from_be_bytes(*b"ab"));
        let mut mock = script();
        hyper_write(&mut mock, b"cd").await;
        assert_eq!(hyper_read(&mut mock).await, b"ab");

        let steps = [
            Step::Pending,
            Step::Pass(1),
            Step::Error(ErrorKind::TimedOut),
        ];
        let mut scripted = Scripted::new(sinew_io::Cursor::new(b"abc".to_vec()), steps);
        assert_eq!(scripted.read(&mut [0; 3]).await.unwrap(), 1);
        let error = scripted.read(&mut [0; 3]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(scripted.seek(SeekFrom::Current(1)).await.unwrap(), 2);
        assert_eq!(hyper_read(&mut scripted).await, b"c");
        hyper_write(&mut scripted, b"de").await;
        assert_eq!(scripted.into_inner().into_inner(), b"abcde");
    });
}

/// In a process of its own, which is this test again: its standard input goes to its output by
/// tokio's methods, to its error output by hyper's.
#[test]
fn standard_streams() {
    const PART: &str = "SINEW_ADAPTERS_PART";
    if let Ok(part) = std::env::var(PART) {
        run(async {
            match part.as_str() {
                "tokio" => {
                    let (mut from, mut to) = (sinew_io::stdin(), sinew_io::stdout());
                    let copied = tokio::io::copy(&mut from, &mut to);
                    assert_eq!(copied.await.unwrap(), LARGE as u64);
                    to.flush().await.unwrap();
                }
                _ => hyper_write(sinew_io::stderr(), &hyper_read(sinew_io::stdin()).await).await,
            }
        });
        return;
    }
    for part in ["tokio", "hyper"] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["adapters::standard_streams", "--exact", "--nocapture"])
            .env(PART, part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let sent = pattern(LARGE);
        run(async {
            let mut child = child.spawn().unwrap();
            let to = child.stdin.take().unwrap();
            let ((), output) = join(tokio_write(to, &sent), child.wait_with_output()).await;
            let output = output.unwrap();
            assert!(output.status.success());
            // The test harness talks before and after.
            let seen = if part == "tokio" {
                output.stdout
            } else {
                output.stderr
            };
            let found = seen.windows(LARGE).any(|window| window == sent);
            assert!(found, "{} bytes by {part}", seen.len());
        });
    }
}

/// Only the prelude is imported: no method of a type that has all three families is ambiguous.
mod with_the_prelude_only {
    use sinew::prelude::*;

    #[test]
    fn methods_are_not_ambiguous() {
        super::run(async {
            let (mut near, far) = sinew::io::duplex(64);
            near.write_all(b"one\ntwo").await.unwrap();
            near.write_u8(b'!').await.unwrap();
            near.flush().await.unwrap();
            near.shutdown().await.unwrap();
            near.close().await.unwrap();
            let mut far = sinew::io::BufReader::new(far.take(100));
            let mut line = String::new();
            assert_eq!(far.read_line(&mut line).await.unwrap(), 4);
            assert_eq!(far.fill_buf().await.unwrap(), b"two!");
            far.consume(1);
            let mut rest = Vec::new();
            far.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest, b"wo!");
            assert_eq!(far.read(&mut [0]).await.unwrap(), 0);

            let mut cursor = sinew::io::Cursor::new(b"abc");
            assert_eq!(cursor.seek(super::SeekFrom::Start(2)).await.unwrap(), 2);
            assert_eq!(cursor.stream_position().await.unwrap(), 2);
            assert_eq!(cursor.read_u8().await.unwrap(), b'c');
        });
    }
}

/// Types that are only wrapped around others.
#[test]
fn everything_has_every_family() {
    fn both<T: AsyncRead + AsyncWrite + Read + Write + Debug>(_: &T) {}
    let (near, far) = duplex(1);
    both(&sinew_io::join(near, far));
    both(&sinew_io::BufStream::new(duplex(1).0));
    both(&sinew_io::empty());
    both(&Async::new(UnixStream::pair().unwrap().0).unwrap());
    both(&UnblockIo::new(io::Cursor::new(Vec::new())));
}
