//! Events and deadlines that come while workers are in polls that do not end by
//! themselves: here each such poll waits for what the event brings about.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use sinew_reactor::Async;
use sinew_runtime::spawn;
use sinew_time::sleep;

use crate::conformance::multi;

/// Far longer than anything here takes: who waits for so long hangs.
const LONG: Duration = Duration::from_secs(60);
/// Often enough that each worker is the one in the reactor.
const ROUNDS: usize = 10;

/// Two ends of a connection, the second in the current reactor.
fn connection() -> (TcpStream, Async<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (there, _) = listener.accept().unwrap();
    (here, Async::new(there).unwrap())
}

#[test]
fn who_leaves_the_reactor_for_a_long_poll_is_relieved() {
    let runtime = multi(2);
    let _entered = runtime.enter();
    for _ in 0..ROUNDS {
        let ((mut first, first_end), (mut second, second_end)) = (connection(), connection());
        let (stuck, is_stuck) = mpsc::channel();
        let (free, freed) = mpsc::channel();
        let blocked = spawn(async move {
            first_end.readable().await.unwrap();
            stuck.send(()).unwrap();
            freed.recv_timeout(LONG)
        });
        let other = spawn(async move {
            second_end.readable().await.unwrap();
            sleep(Duration::from_millis(1)).await;
            free.send(()).unwrap();
        });
        first.write_all(b"x").unwrap();
        is_stuck.recv_timeout(LONG).unwrap();
        second.write_all(b"x").unwrap();
        assert_eq!(sinew_core::block_on(blocked).unwrap(), Ok(()));
        sinew_core::block_on(other).unwrap();
    }
}
