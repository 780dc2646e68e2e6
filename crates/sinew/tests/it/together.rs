use sinew::net::{TcpListener, TcpStream};
use sinew::prelude::*;
use sinew::time::{Duration, sleep, timeout};

/// An echo server on each flavour, with clients, timers and blocking closures.
async fn echo_round_trips() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = sinew::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            drop(sinew::spawn(async move {
                let mut buffer = [0; 64];
                loop {
                    match stream.read(&mut buffer).await.unwrap() {
                        0 => break,
                        n => stream.write_all(&buffer[..n]).await.unwrap(),
                    }
                }
            }));
        }
    });
    let clients: Vec<_> = (0..20u8)
        .map(|n| {
            sinew::spawn(async move {
                let mut stream = TcpStream::connect(addr).await.unwrap();
                for round in 0..20 {
                    let sent = [n, round];
                    stream.write_all(&sent).await.unwrap();
                    let mut got = [0; 2];
                    stream.read_exact(&mut got).await.unwrap();
                    assert_eq!(got, sent);
                    if round % 5 == 0 {
                        sleep(Duration::from_millis(1)).await;
                    }
                }
                sinew::task::unblock(move || u32::from(n)).await
            })
        })
        .collect();
    let all = async {
        let mut sum = 0;
        for client in clients {
            sum += client.await.unwrap();
        }
        sum
    };
    assert_eq!(timeout(Duration::from_secs(60), all).await.unwrap(), 190);
    assert!(server.cancel().await.unwrap_err().is_cancelled());
}

#[sinew::test]
async fn on_the_current_thread() {
    echo_round_trips().await;
}

#[sinew::test(flavor = "multi_thread", worker_threads = 3)]
async fn on_three_workers() {
    echo_round_trips().await;
}

#[sinew::test(flavor = "local")]
async fn on_a_local_runtime() {
    echo_round_trips().await;
}

#[test]
fn without_a_runtime_of_ones_own() {
    futures::executor::block_on(echo_round_trips());
}

#[test]
fn sockets_and_tasks_move_between_two_runtimes() {
    let one = sinew::runtime::Runtime::new().unwrap();
    let two = sinew::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let listener = one.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let addr = listener.local_addr().unwrap();
    let accepting = two.spawn(async move { listener.accept().await.unwrap().0 });
    let mut client = one.block_on(TcpStream::connect(addr)).unwrap();
    let mut server = two.block_on(accepting).unwrap();
    two.block_on(client.write_all(b"across")).unwrap();
    let mut got = [0; 6];
    one.block_on(server.read_exact(&mut got)).unwrap();
    assert_eq!(&got, b"across");
    // A socket of a runtime that is gone fails; it does not hang.
    drop(one);
    let mut byte = [0];
    assert!(two.block_on(client.read(&mut byte)).is_err());
}

#[sinew::test]
async fn select_join_and_race() {
    let (a, b) = sinew::join!(async { 1 }, sinew::spawn(async { 2 }));
    assert_eq!(a + b.unwrap(), 3);
    let won = sinew::select! {
        () = sleep(Duration::from_secs(60)) => "late",
        value = async { "now" } => value,
    };
    assert_eq!(won, "now");
    let first = sinew::race!(std::future::pending(), async { 7 });
    assert_eq!(first, 7);
}
