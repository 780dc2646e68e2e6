//! Sockets and the runtimes they were made in: several at once, and none any more.

use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use sinew::io::{AsyncReadExt, AsyncWriteExt};
use sinew::net::{TcpListener, TcpStream, UdpSocket, UnixStream};
use sinew::runtime::{Builder, Runtime, is_rt_shutdown_err};

/// Bounds a test that hangs; no test waits for it to pass.
const LIMIT: Duration = Duration::from_secs(60);

fn runtimes() -> [Runtime; 2] {
    let many = Builder::new_multi_thread().worker_threads(2).build();
    let one = Builder::new_current_thread().build();
    [many.unwrap(), one.unwrap()]
}

/// Runs on `runtime`, for at most the limit.
fn run<F: Future>(runtime: &Runtime, future: F) -> F::Output {
    runtime.block_on(async {
        let limited = sinew::time::timeout(LIMIT, future);
        limited.await.expect("the test hangs")
    })
}

async fn echo(mut stream: TcpStream) {
    let mut buf = [0; 64];
    while let Ok(count @ 1..) = stream.read(&mut buf).await {
        stream.write_all(&buf[..count]).await.unwrap();
    }
}

async fn ask(stream: &mut TcpStream) {
    stream.write_all(b"hello").await.unwrap();
    let mut buf = [0; 5];
    stream.read_exact(&mut buf).await.unwrap();
    assert_eq!(&buf, b"hello");
}

#[test]
fn two_runtimes_talk_to_each_other() {
    let [server, client] = runtimes();
    let listener = run(&server, TcpListener::bind("127.0.0.1:0")).unwrap();
    let addr = listener.local_addr().unwrap();
    server.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            sinew::spawn(echo(stream));
        }
    });
    run(&client, async {
        for _ in 0..20 {
            ask(&mut TcpStream::connect(addr).await.unwrap()).await;
        }
    });
}

#[test]
fn a_socket_made_in_one_runtime_works_in_another() {
    let [maker, _] = runtimes();
    let [user, _] = runtimes();
    let (listener, mut client, datagram) = run(&maker, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let client = TcpStream::connect(addr).await.unwrap();
        let datagram = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        (listener, client, datagram)
    });
    // The maker's reactor is turned by its workers, the user polls.
    run(&user, async {
        let (stream, _) = listener.accept().await.unwrap();
        sinew::spawn(echo(stream));
        ask(&mut client).await;
        let to = datagram.local_addr().unwrap();
        datagram.send_to(b"x", to).await.unwrap();
        assert_eq!(datagram.recv(&mut [0; 4]).await.unwrap(), 1);
    });
    // And back again, and with no runtime at all.
    run(&maker, ask(&mut client));
    futures::executor::block_on(ask(&mut client));
}

#[test]
fn a_socket_outlives_its_runtime_with_a_clear_error() {
    for (dropped, user) in [(0, 1), (1, 0)] {
        let mut all = runtimes().map(Some);
        let made = all[dropped].take().unwrap();
        let user = all[user].take().unwrap();
        let (mut client, mut server) = run(&made, async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap());
            let (client, accepted) = sinew::join!(client, listener.accept());
            (client.unwrap(), accepted.unwrap().0)
        });
        let waiting = thread::spawn(move || {
            let error = futures::executor::block_on(server.read(&mut [0; 1])).unwrap_err();
            (server, error)
        });
        run(&made, client.writable()).unwrap();
        drop(made);
        let (server, error) = waiting.join().unwrap();
        assert!(is_rt_shutdown_err(&error), "{error}");
        run(&user, async {
            let error = client.read(&mut [0; 1]).await.unwrap_err();
            assert!(is_rt_shutdown_err(&error), "{error}");
            assert!(error.to_string().contains("shut down"), "{error}");
            let error = client.readable().await.unwrap_err();
            assert!(is_rt_shutdown_err(&error), "{error}");
        });
        // The descriptor is as good as ever: give it to a reactor that lives.
        let mut client = run(&user, async {
            TcpStream::from_std(client.into_std().unwrap()).unwrap()
        });
        let server = run(&user, async {
            TcpStream::from_std(server.into_std().unwrap()).unwrap()
        });
        run(&user, async {
            let echo = sinew::spawn(echo(server));
            ask(&mut client).await;
            drop(client);
            echo.await.unwrap();
        });
    }
}

#[test]
fn sockets_work_after_their_runtime_is_dropped_if_made_by_the_default_one() {
    let runtime = runtimes().into_iter().next().unwrap();
    let (mut one, mut other) = UnixStream::pair().unwrap();
    run(&runtime, async {
        one.write_all(b"x").await.unwrap();
        other.read_exact(&mut [0; 1]).await.unwrap();
    });
    drop(runtime);
    futures::executor::block_on(async {
        one.write_all(b"x").await.unwrap();
        other.read_exact(&mut [0; 1]).await.unwrap();
        drop(one);
        assert_eq!(other.read(&mut [0; 1]).await.unwrap(), 0);
        let error = other.write_all(b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn connections_in_flight_do_not_keep_a_runtime_from_ending() {
    for runtime in runtimes() {
        let listener = run(&runtime, TcpListener::bind("127.0.0.1:0")).unwrap();
        let addr = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                sinew::spawn(echo(stream));
            }
        });
        run(&runtime, async {
            for _ in 0..50 {
                let mut stream = TcpStream::connect(addr).await.unwrap();
                ask(&mut stream).await;
                sinew::spawn(async move { stream.read(&mut [0; 1]).await });
            }
        });
        drop(runtime);
    }
}

/// Each poll of the reactor takes one event, and none ever waits.
#[test]
fn a_busy_runtime_that_takes_little_at_once_loses_no_event() {
    use sinew::io::{AsyncReadExt, AsyncWriteExt};
    use sinew::runtime::Builder;

    for mut builder in [Builder::new_multi_thread(), Builder::new_current_thread()] {
        builder.worker_threads(1).max_io_events_per_busy_tick(1);
        let runtime = builder.build().unwrap();
        for _ in 0..8 {
            runtime.spawn(async {
                loop {
                    sinew::task::yield_now().await;
                }
            });
        }
        runtime.block_on(async {
            let listener = sinew::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut clients = sinew::task::JoinSet::new();
            for n in 0..16u8 {
                clients.spawn(async move {
                    let mut stream = sinew::net::TcpStream::connect(address).await.unwrap();
                    for _ in 0..16 {
                        stream.write_all(&[n; 4]).await.unwrap();
                        let mut answer = [0; 4];
                        stream.read_exact(&mut answer).await.unwrap();
                        assert_eq!(answer, [n; 4]);
                    }
                });
            }
            for _ in 0..16 {
                let (mut stream, _) = listener.accept().await.unwrap();
                sinew::spawn(async move {
                    let mut message = [0; 4];
                    while stream.read_exact(&mut message).await.is_ok() {
                        stream.write_all(&message).await.unwrap();
                    }
                });
            }
            clients.join_all().await;
        });
        runtime.shutdown_background();
    }
}
