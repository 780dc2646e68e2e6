//! Unix streams and listeners.

use std::io::{ErrorKind, IoSlice, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net as std_unix;
use std::thread;

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use sinew_net::{UnixListener, UnixSocket, UnixStream, raw_os_error};
use tempfile::tempdir;

use crate::run;

#[test]
fn connect_accept_and_both_addresses() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("socket");
    run(async {
        let listener = UnixListener::bind(&path).unwrap();
        let (client, accepted) = join(UnixStream::connect(&path), listener.accept()).await;
        let (client, (server, peer)) = (client.unwrap(), accepted.unwrap());
        assert!(peer.is_unnamed());
        assert_eq!(client.peer_addr().unwrap().as_pathname(), Some(&*path));
        assert_eq!(server.local_addr().unwrap().as_pathname(), Some(&*path));
        assert!(server.peer_addr().unwrap().is_unnamed());
        let me = client.peer_cred().unwrap();
        assert_eq!(me.pid(), Some(std::process::id() as i32));
        assert_eq!(me.uid(), rustix::process::getuid().as_raw());
        assert_eq!(me.gid(), rustix::process::getgid().as_raw());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn abstract_names() {
    let name = format!("\0sinew-net-{}", std::process::id());
    run(async {
        let listener = UnixListener::bind(&name).unwrap();
        let addr = listener.local_addr().unwrap();
        assert_eq!(addr.as_abstract_name(), Some(&name.as_bytes()[1..]));
        let _client = UnixStream::connect_addr(&addr).await.unwrap();
        listener.accept().await.unwrap();
        let error = UnixListener::bind(&name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().contains("@sinew-net-"), "{error}");
    });
}

#[test]
fn incoming_is_a_stream() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("socket");
    run(async {
        let listener = UnixListener::bind(&path).unwrap();
        for n in 0..4_u8 {
            let mut client = std_unix::UnixStream::connect(&path).unwrap();
            client.write_all(&[n]).unwrap();
        }
        let read = |stream: std::io::Result<UnixStream>| async {
            let mut buf = Vec::new();
            stream.unwrap().read_to_end(&mut buf).await.unwrap();
            buf
        };
        let borrowed: Vec<_> = listener.incoming().take(2).then(read).collect().await;
        assert_eq!(borrowed, [[0], [1]]);
        assert!(listener.incoming().next().now_or_never().is_some());
        // A poll in which there is none takes none.
        let mut owned = listener.into_incoming();
        assert_eq!(read(owned.next().await.unwrap()).await, [3]);
        assert!(owned.next().now_or_never().is_none());
        let mut client = std_unix::UnixStream::connect(&path).unwrap();
        client.write_all(&[4]).unwrap();
        drop(client);
        assert_eq!(read(owned.next().await.unwrap()).await, [4]);
        assert!(owned.as_ref().local_addr().is_ok());
        assert!(format!("{owned:?}").starts_with("UnixListenerStream"));
    });
}

#[test]
fn a_socket_binds_before_it_connects() {
    let folder = tempdir().unwrap();
    let (server_path, client_path) = (folder.path().join("s"), folder.path().join("c"));
    run(async {
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(&server_path).unwrap();
        let listener = socket.listen(4).unwrap();
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(&client_path).unwrap();
        let _client = socket.connect(&server_path).await.unwrap();
        let (_server, peer) = listener.accept().await.unwrap();
        assert_eq!(peer.as_pathname(), Some(&*client_path));

        let datagram = UnixSocket::new_datagram().unwrap();
        assert_eq!(
            datagram.listen(1).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        let stream = UnixSocket::new_stream().unwrap();
        assert_eq!(
            stream.datagram().unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    });
}

#[test]
fn a_socket_of_the_other_type_is_told_so() {
    run(async {
        let datagrams = || UnixSocket::new_datagram().unwrap();
        let errors = [
            datagrams().connect("no.sock").await.unwrap_err(),
            datagrams().listen(4).unwrap_err(),
            UnixSocket::new_stream().unwrap().datagram().unwrap_err(),
        ];
        let of = |called: &str, kind: &str| format!("{called} cannot be called on a {kind} socket");
        let expected = [
            of("connect", "datagram"),
            of("listen", "datagram"),
            of("datagram", "stream"),
        ];
        assert_eq!(errors.each_ref().map(ToString::to_string), expected);
        assert!(errors.iter().all(|e| e.kind() == ErrorKind::InvalidInput));
    });
}

#[test]
fn errors_name_the_path_and_keep_the_number() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("nobody");
    let shown = path.display().to_string();
    run(async {
        let error = UnixStream::connect(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(
            error
                .to_string()
                .starts_with(&format!("connect to {shown}: "))
        );
        assert!(raw_os_error(&error).is_some());

        let silent = UnixSocket::new_stream().unwrap();
        silent.bind(&path).unwrap();
        let error = UnixStream::connect(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let error = UnixListener::bind(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with(&format!("bind to {shown}: ")));

        let long = "x".repeat(500);
        let error = UnixStream::connect(&long).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("xxx"), "{error}");
    });
}

#[test]
fn much_goes_through_split_halves() {
    let (client, server) = run(async { UnixStream::pair().unwrap() });
    let (mut reader, mut writer) = client.into_split();
    let (mut peer_reader, mut peer_writer) = server.into_split();
    let bytes = vec![5; 3 << 20];
    let echo = thread::spawn(move || {
        run(async {
            futures::io::copy(&mut peer_reader, &mut peer_writer)
                .await
                .unwrap();
            peer_writer.close().await.unwrap();
        });
    });
    run(async {
        let send = async {
            writer.write_all(&bytes).await.unwrap();
            writer.close().await.unwrap();
        };
        let mut back = Vec::new();
        let (_, count) = join(send, reader.read_to_end(&mut back)).await;
        assert_eq!(count.unwrap(), bytes.len());
        let stream = reader.reunite(writer).unwrap();
        assert_eq!(
            stream.try_write(b"x").unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
    });
    echo.join().unwrap();
}

#[test]
fn halves_of_two_streams_are_given_back() {
    run(async {
        let (one, other) = UnixStream::pair().unwrap();
        let ((reader, _writer), (_reader, writer)) = (one.into_split(), other.into_split());
        let error = reader.reunite(writer).unwrap_err();
        assert!(error.to_string().contains("not of the same socket"));
    });
}

#[test]
fn data_and_the_end_in_one_event() {
    run(async {
        let (mut one, other) = UnixStream::pair().unwrap();
        // Waits first, so that the two come as news.
        assert!(one.read(&mut [0; 64]).now_or_never().is_none());
        let peer = other.into_std().unwrap();
        (&peer).write_all(b"last words").unwrap();
        drop(peer);
        let mut text = String::new();
        one.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "last words");
    });
}

/// A read stops where a descriptor was sent along, with bytes left behind it. A
/// reader that took the short read for an empty socket would wait for ever.
#[test]
fn bytes_behind_a_descriptor_are_not_forgotten() {
    run(async {
        let (one, other) = std_unix::UnixStream::pair().unwrap();
        let mut ours = UnixStream::from_std(one).unwrap();
        assert!(ours.read(&mut [0; 64]).now_or_never().is_none());
        (&other).write_all(b"before").unwrap();
        let fds = [other.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
        let parts = [IoSlice::new(b"with")];
        sendmsg(&other, &parts, &mut control, SendFlags::empty()).unwrap();
        (&other).write_all(b"behind").unwrap();
        let mut text = vec![0; 16];
        ours.read_exact(&mut text).await.unwrap();
        assert_eq!(text, b"beforewithbehind");
    });
}

#[test]
fn a_socket_of_std_and_back() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("socket");
    run(async {
        let std = std_unix::UnixListener::bind(&path).unwrap();
        let listener = UnixListener::from_std(std).unwrap();
        let mut client = std_unix::UnixStream::connect(&path).unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        client.write_all(b"hi").unwrap();
        server.readable().await.unwrap();
        let mut buf = Vec::with_capacity(8);
        assert_eq!(server.try_read_buf(&mut buf).unwrap(), 2);
        assert_eq!(buf, b"hi");
        assert_eq!(
            server.try_read(&mut [0; 4]).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        server.write_all(b"yo").await.unwrap();
        let std = server.into_std().unwrap();
        assert!(std.peer_addr().unwrap().is_unnamed());
        let again = UnixListener::try_from(listener.into_std().unwrap()).unwrap();
        assert!(format!("{again:?}").contains("socket"));
        assert!(again.take_error().unwrap().is_none());
    });
}
