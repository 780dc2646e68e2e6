//! Which readers and writers sinew-io finds.

use futures::executor::block_on;
use sinew_core::borrowed_any::BorrowedAny;

use super::linux::{source, target};
use crate::memory::Network;
use crate::unix::pipe;
use crate::{TcpListener, TcpStream, UnixStream};

fn found<T: ?Sized>(it: &T) -> (bool, bool) {
    let any = BorrowedAny::new(it);
    (source(any).is_some(), target(any).is_some())
}

const BOTH: (bool, bool) = (true, true);
const SOURCE: (bool, bool) = (true, false);
const TARGET: (bool, bool) = (false, true);
const NEITHER: (bool, bool) = (false, false);

async fn tcp() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    TcpStream::connect(addr).await.unwrap()
}

#[test]
fn streams_their_references_and_their_halves_are_found() {
    block_on(async {
        let mut stream = tcp().await;
        assert_eq!(found(&stream), BOTH);
        assert_eq!(found(&&stream), BOTH);
        let (read, write) = stream.split();
        assert_eq!((found(&read), found(&write)), (SOURCE, TARGET));
        let (read, write) = stream.into_split();
        assert_eq!((found(&read), found(&write)), (SOURCE, TARGET));

        let (mut stream, _) = UnixStream::pair().unwrap();
        assert_eq!(found(&stream), BOTH);
        assert_eq!(found(&&stream), BOTH);
        let (read, write) = stream.split();
        assert_eq!((found(&read), found(&write)), (SOURCE, TARGET));
        let (read, write) = stream.into_split();
        assert_eq!((found(&read), found(&write)), (SOURCE, TARGET));

        let (sender, receiver) = pipe::pipe().unwrap();
        assert_eq!((found(&receiver), found(&sender)), (SOURCE, TARGET));
    });
}

#[test]
fn what_wraps_a_stream_is_not() {
    block_on(async {
        let stream = tcp().await;
        assert_eq!(found(&sinew_io::BufReader::new(&stream)), NEITHER);
        assert_eq!(found(&Box::new(stream)), NEITHER);
        assert_eq!(found("text"), NEITHER);
    });
}

#[test]
fn a_stream_without_a_descriptor_is_not() {
    let network = Network::new();
    let _entered = network.enter();
    block_on(async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        let stream = TcpStream::connect("10.0.0.1:80").await.unwrap();
        assert_eq!(found(&stream), NEITHER);
        drop(listener);
    });
}
