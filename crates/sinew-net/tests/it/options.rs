//! Options, on streams, listeners and sockets.

use std::io::ErrorKind;
use std::time::Duration;

use sinew_net::TcpSocket;

use crate::{listen, pair, run};

#[test]
fn of_a_stream() {
    run(async {
        let (stream, _peer) = pair().await;
        assert!(!stream.nodelay().unwrap());
        stream.set_nodelay(true).unwrap();
        assert!(stream.nodelay().unwrap());
        stream.set_ttl(42).unwrap();
        assert_eq!(stream.ttl().unwrap(), 42);
        assert_eq!(stream.linger().unwrap(), None);
        stream.set_linger(Some(Duration::from_secs(2))).unwrap();
        assert_eq!(stream.linger().unwrap(), Some(Duration::from_secs(2)));
        stream.set_linger(None).unwrap();
        assert!(stream.take_error().unwrap().is_none());
        #[cfg(target_os = "linux")]
        {
            stream.set_quickack(false).unwrap();
            assert!(!stream.quickack().unwrap());
        }
    });
}

#[test]
fn of_a_listener() {
    run(async {
        let listener = listen().await;
        listener.set_ttl(42).unwrap();
        assert_eq!(listener.ttl().unwrap(), 42);
    });
}

#[test]
fn of_a_socket() {
    let socket = TcpSocket::new_v4().unwrap();
    assert!(!socket.reuseaddr().unwrap());
    socket.set_reuseaddr(true).unwrap();
    assert!(socket.reuseaddr().unwrap());
    socket.set_reuseport(true).unwrap();
    assert!(socket.reuseport().unwrap());
    socket.set_keepalive(true).unwrap();
    assert!(socket.keepalive().unwrap());
    socket.set_tos_v4(16).unwrap();
    assert_eq!(socket.tos_v4().unwrap(), 16);
    socket.set_send_buffer_size(1 << 16).unwrap();
    assert!(socket.send_buffer_size().unwrap() >= 1 << 16);
    socket.set_recv_buffer_size(1 << 16).unwrap();
    assert!(socket.recv_buffer_size().unwrap() >= 1 << 16);
    socket.set_zero_linger().unwrap();
    assert_eq!(socket.linger().unwrap(), Some(Duration::ZERO));
    assert_eq!(socket.local_addr().unwrap().port(), 0);
    assert!(socket.take_error().unwrap().is_none());
}

#[test]
fn several_listeners_share_a_port() {
    run(async {
        let socket = || {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseport(true).unwrap();
            socket
        };
        let one = socket();
        one.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let one = one.listen(8).unwrap();
        let addr = one.local_addr().unwrap();
        let two = socket();
        two.bind(addr).unwrap();
        let two = two.listen(8).unwrap();
        assert_eq!(two.local_addr().unwrap(), addr);

        let three = TcpSocket::new_v4().unwrap();
        let error = three.bind(addr).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with(&format!("bind to {addr}: ")));
    });
}
