//! Sequenced packets.

use std::io::ErrorKind;
use std::net::Shutdown;

use futures::future::join;
use sinew_net::unix::{UnixSeqpacket, UnixSeqpacketListener};
use tempfile::tempdir;

use crate::run;

#[test]
fn messages_keep_their_borders_and_end() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("socket");
    run(async {
        let listener = UnixSeqpacketListener::bind(&path).unwrap();
        assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(&*path));
        let (client, accepted) = join(UnixSeqpacket::connect(&path), listener.accept()).await;
        let (client, (server, peer)) = (client.unwrap(), accepted.unwrap());
        assert!(peer.is_unnamed());
        client.send(b"one").await.unwrap();
        client.send(b"second").await.unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut buf = [0; 16];
        assert_eq!(server.recv(&mut buf).await.unwrap(), 3);
        let mut vec = Vec::with_capacity(16);
        assert_eq!(server.recv_buf(&mut vec).await.unwrap(), 6);
        assert_eq!(server.recv(&mut buf).await.unwrap(), 0);
        assert_eq!(
            client.peer_cred().unwrap().pid(),
            Some(std::process::id() as i32)
        );
        let back = UnixSeqpacket::from_owned_fd(client.into_owned_fd().unwrap()).unwrap();
        assert_eq!(back.peer_addr().unwrap().as_pathname(), Some(&*path));
    });
}

#[test]
fn errors_name_the_path() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("nobody");
    run(async {
        let error = UnixSeqpacket::connect(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("nobody"));
        let other = std::os::unix::net::UnixStream::pair().unwrap().0;
        let error = UnixSeqpacket::from_owned_fd(other.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}
