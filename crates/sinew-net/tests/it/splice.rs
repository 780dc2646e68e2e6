//! `sinew_io::copy` between streams of the system, which moves many bytes past the
//! program: all arrive, and ends and errors are those of reads and writes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::process::{Command, Stdio};
use std::thread;

use futures::future::{join, join3};
use sinew_io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, copy_bidirectional};
use sinew_net::unix::pipe;
use sinew_net::{TcpStream, UnixStream};

use crate::{pair, run, with_std_peer};

/// So many bytes that they come in many pieces.
const MANY: usize = 5_000_000;

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

/// Writes a pattern to `far`, copies it from `from` to `to`, and expects it at `end`.
async fn passes(
    mut far: impl AsyncWrite + Unpin,
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut end: impl AsyncRead + Unpin,
) {
    let sent = pattern(MANY);
    let write = async {
        far.write_all(&sent).await.unwrap();
        far.close().await.unwrap();
        drop(far);
    };
    let through = async {
        assert_eq!(copy(from, to).await.unwrap(), MANY as u64);
        to.close().await.unwrap();
    };
    let mut received = Vec::new();
    let ((), (), count) = join3(write, through, end.read_to_end(&mut received)).await;
    assert_eq!(count.unwrap(), MANY);
    assert!(received == sent);
}

#[test]
fn from_tcp_to_tcp() {
    run(async {
        let ((far, mut from), (mut to, end)) = (pair().await, pair().await);
        passes(far, &mut from, &mut to, end).await;
    });
}

#[test]
fn by_reference_and_back_to_the_sender() {
    run(async {
        let (client, server) = pair().await;
        let (mut from, mut to) = (&server, &server);
        passes(&client, &mut from, &mut to, &client).await;
    });
}

#[test]
fn between_halves() {
    run(async {
        let (client, mut server) = pair().await;
        let (mut from, mut to) = server.split();
        passes(&client, &mut from, &mut to, &client).await;

        let (client, server) = pair().await;
        let (mut from, mut to) = server.into_split();
        passes(&client, &mut from, &mut to, &client).await;
    });
}

#[test]
fn between_families() {
    run(async {
        let ((far, mut from), (mut to, end)) = (pair().await, UnixStream::pair().unwrap());
        passes(far, &mut from, &mut to, end).await;
        let ((far, mut from), (mut to, end)) = (UnixStream::pair().unwrap(), pair().await);
        passes(far, &mut from, &mut to, end).await;
    });
}

#[test]
fn from_and_to_pipes() {
    run(async {
        let ((far, mut from), (mut to, end)) = (pipe::pipe().unwrap(), pair().await);
        passes(far, &mut from, &mut to, end).await;
        let (near, far) = UnixStream::pair().unwrap();
        let ((mut near, far), (mut to, end)) = ((near, far), pipe::pipe().unwrap());
        let through = async {
            assert_eq!(copy(&mut near, &mut to).await.unwrap(), MANY as u64);
            drop(to);
        };
        let mut end = end;
        let (mut far, sent, mut received) = (far, pattern(MANY), Vec::new());
        let write = async {
            far.write_all(&sent).await.unwrap();
            far.close().await.unwrap();
        };
        join3(write, through, async {
            end.read_to_end(&mut received).await.unwrap();
        })
        .await;
        assert!(received == sent);
    });
}

#[test]
fn both_directions_end_by_themselves() {
    run(async {
        let ((mut client, mut a), (mut b, mut server)) = (pair().await, pair().await);
        let proxy = copy_bidirectional(&mut a, &mut b);
        let ask = async {
            client.write_all(&pattern(MANY)).await.unwrap();
            client.close().await.unwrap();
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.unwrap();
            assert!(answer == pattern(MANY / 2));
        };
        let serve = async {
            let mut request = Vec::new();
            // The end arrives while this direction is still open.
            server.read_to_end(&mut request).await.unwrap();
            assert!(request == pattern(MANY));
            server.write_all(&pattern(MANY / 2)).await.unwrap();
            server.close().await.unwrap();
        };
        let (counts, (), ()) = join3(proxy, ask, serve).await;
        assert_eq!(counts.unwrap(), (MANY as u64, MANY as u64 / 2));
    });
}

/// Messages of all sizes, of which the next comes when the last has come back.
#[test]
fn nothing_waits_for_more() {
    run(async {
        let ((mut client, mut a), (mut b, mut server)) = (pair().await, pair().await);
        let proxy = copy_bidirectional(&mut a, &mut b);
        let ask = async {
            let mut answer = vec![0; 300_000];
            for len in [1, 8192, 20_000, 300_000, 3, 16_384, 16_385, 70_000, 8192, 5] {
                for _ in 0..12 {
                    client.write_all(&pattern(len)).await.unwrap();
                    client.read_exact(&mut answer[..len]).await.unwrap();
                    assert!(answer[..len] == pattern(len));
                }
            }
            client.close().await.unwrap();
        };
        let serve = async {
            let mut buf = vec![0; 5000];
            while let Ok(count @ 1..) = server.read(&mut buf).await {
                server.write_all(&buf[..count]).await.unwrap();
            }
            server.close().await.unwrap();
        };
        let (counts, (), ()) = join3(proxy, ask, serve).await;
        let (there, back) = counts.unwrap();
        assert_eq!(there, back);
    });
}

/// Copies to a peer that reads a part and closes.
fn copy_to_one_that_leaves() -> io::Error {
    run(async {
        let ((far, mut from), (mut to, mut peer)) = (pair().await, with_std_peer().await);
        let thread = thread::spawn(move || {
            peer.read_exact(&mut vec![0; 100_000]).unwrap();
            peer.shutdown(Shutdown::Both).unwrap();
        });
        let write = async {
            let mut far = far;
            // Until the copy has failed and its reader is closed.
            while far.write_all(&[0; 65536]).await.is_ok() {}
        };
        let through = async {
            let failed = copy(&mut from, &mut to).await.unwrap_err();
            drop(from);
            failed
        };
        let ((), failed) = join(write, through).await;
        thread.join().unwrap();
        failed
    })
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
    )
}

#[test]
fn a_writer_that_is_gone_is_an_error() {
    assert!(is_gone(&copy_to_one_that_leaves()));
}

/// Set in the process that the next test starts.
const CHILD: &str = "SINEW_NET_TEST_SIGPIPE";

#[test]
fn a_writer_that_is_gone_is_an_error_also_where_sigpipe_would_kill() {
    if std::env::var_os(CHILD).is_some() {
        // SAFETY: no handler is involved.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        assert!(is_gone(&copy_to_one_that_leaves()));
        return;
    }
    let name = "a_writer_that_is_gone_is_an_error_also_where_sigpipe_would_kill";
    let status = Command::new(std::env::current_exe().unwrap())
        .arg(format!("splice::{name}"))
        .arg("--exact")
        .env(CHILD, "1")
        .stdout(Stdio::null())
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_reader_that_fails_is_an_error_after_its_bytes() {
    run(async {
        let ((from, far), (mut to, mut end)) = (with_std_peer().await, pair().await);
        let mut from = from;
        let thread = thread::spawn(move || {
            let mut far = far;
            far.write_all(&pattern(MANY)).unwrap();
            // What is dropped unread makes the system send a reset.
            far.set_nonblocking(false).unwrap();
            far.read_exact(&mut [0]).unwrap();
        });
        (&from).write_all(b"reset").await.unwrap();
        let through = async {
            let copied = copy(&mut from, &mut to).await;
            to.close().await.unwrap();
            copied
        };
        let mut received = Vec::new();
        let (copied, count) = join(through, end.read_to_end(&mut received)).await;
        thread.join().unwrap();
        assert_eq!(copied.unwrap_err().kind(), ErrorKind::ConnectionReset);
        count.unwrap();
        assert!(pattern(MANY).starts_with(&received));
    });
}

/// At the mark of urgent data `splice` says that it would block, and no event would
/// come.
#[test]
fn urgent_data_stops_nothing() {
    run(async {
        let ((from, mut far), (mut to, mut end)) = (with_std_peer().await, pair().await);
        let mut from: TcpStream = from;
        let thread = thread::spawn(move || {
            far.write_all(&pattern(MANY)).unwrap();
            rustix::net::send(&far, b"!", rustix::net::SendFlags::OOB).unwrap();
            far.write_all(&pattern(MANY)).unwrap();
        });
        let through = async {
            let count = copy(&mut from, &mut to).await.unwrap();
            to.close().await.unwrap();
            count
        };
        let mut received = Vec::new();
        let (count, read) = join(through, end.read_to_end(&mut received)).await;
        thread.join().unwrap();
        // The urgent byte itself is not part of the stream.
        assert_eq!(count, 2 * MANY as u64);
        assert_eq!(read.unwrap() as u64, count);
        assert!(received == pattern(MANY).repeat(2));
    });
}

/// Kept and polled again, the future has lost nothing; dropped, it has left the
/// streams as they are.
#[test]
fn a_copy_may_be_kept_and_may_be_dropped() {
    run(async {
        let ((mut far, mut from), (mut to, mut end)) = (pair().await, pair().await);
        let mut received = vec![0; MANY];
        {
            let mut copying = copy(&mut from, &mut to);
            let (mut at, sent) = (0, pattern(MANY));
            while at < MANY {
                let count = 50_000.min(MANY - at);
                let write = far.write_all(&sent[at..at + count]);
                let read = end.read_exact(&mut received[at..at + count]);
                let moved = futures::future::join(write, read);
                futures::pin_mut!(moved);
                match futures::future::select(&mut copying, moved).await {
                    futures::future::Either::Left(_) => panic!("the copy has ended"),
                    futures::future::Either::Right(((write, read), _)) => {
                        write.unwrap();
                        read.unwrap();
                    }
                }
                at += count;
            }
        }
        assert!(received == pattern(MANY));
        far.write_all(b"later").await.unwrap();
        far.close().await.unwrap();
        assert_eq!(copy(&mut from, &mut to).await.unwrap(), 5);
        let mut later = [0; 5];
        end.read_exact(&mut later).await.unwrap();
        assert_eq!(&later, b"later");
    });
}
