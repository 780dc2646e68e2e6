//! Unix datagrams.

use std::io::ErrorKind;
use std::net::Shutdown;

use futures::FutureExt;
use futures::future::{join, poll_fn};
use sinew_net::{UnixDatagram, UnixSocket};
use tempfile::tempdir;

use crate::run;

#[test]
fn packets_go_to_a_path_and_tell_where_they_are_from() {
    let folder = tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    run(async {
        let one = UnixDatagram::bind(&here).unwrap();
        let socket = UnixSocket::new_datagram().unwrap();
        socket.bind(&there).unwrap();
        let other = socket.datagram().unwrap();
        one.send_to(b"hello", &there).await.unwrap();
        let mut buf = [0; 8];
        let (count, from) = other.recv_from(&mut buf).await.unwrap();
        assert_eq!((count, from.as_pathname()), (5, Some(&*here)));

        other.connect(&here).unwrap();
        other.send(b"back").await.unwrap();
        let mut vec = Vec::with_capacity(8);
        let (count, from) = one.recv_buf_from(&mut vec).await.unwrap();
        assert_eq!((count, from.as_pathname()), (4, Some(&*there)));
        assert_eq!(other.peer_addr().unwrap().as_pathname(), Some(&*here));
        let sent = poll_fn(|cx| one.poll_send_to(cx, b"x", &there)).await;
        assert_eq!(sent.unwrap(), 1);
        assert_eq!(
            other
                .try_recv(&mut buf)
                .map(drop)
                .or_else(|error| {
                    // Not heard of yet.
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    Ok::<_, std::io::Error>(())
                })
                .unwrap(),
            ()
        );
    });
}

#[test]
fn a_full_queue_makes_the_sender_wait() {
    run(async {
        let (one, other) = UnixDatagram::pair().unwrap();
        let mut sent = 0;
        while one.send(&[0; 1024]).now_or_never().is_some() {
            sent += 1;
        }
        let mut buf = [0; 1024];
        let receive = async {
            for _ in 0..=sent {
                other.recv(&mut buf).await.unwrap();
            }
        };
        let (last, ()) = join(one.send(b"last"), receive).await;
        assert_eq!(last.unwrap(), 4);
    });
}

#[test]
fn errors_name_the_path() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("nobody");
    let shown = path.display().to_string();
    run(async {
        let one = UnixDatagram::unbound().unwrap();
        let error = one.send_to(b"x", &path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().starts_with(&format!("send to {shown}: ")));
        let error = one.connect(&path).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("connect to {shown}: "))
        );
        assert_eq!(
            one.send(b"x").await.unwrap_err().kind(),
            ErrorKind::NotConnected
        );
    });
}

#[test]
fn shutdown_ends_sending_at_either_end() {
    run(async {
        let (one, other) = UnixDatagram::pair().unwrap();
        one.shutdown(Shutdown::Read).unwrap();
        one.send(b"still").await.unwrap();
        let error = other.send(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        one.shutdown(Shutdown::Write).unwrap();
        let error = one.send(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        assert_eq!(other.recv(&mut [0; 8]).await.unwrap(), 5);
    });
}
