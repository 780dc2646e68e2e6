//! hyper's client and server with nothing else of a runtime beneath.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::rt::{Executor as _, Timer as _};
use hyper::service::service_fn;
use hyper::{Request, Response};
use sinew_hyper::{Executor, LocalExecutor, Timer};
use sinew_io::duplex;
use sinew_runtime::{Builder, LocalOptions, block_on};

async fn shout(request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
    let body = request.into_body().collect().await?.to_bytes();
    Ok(Response::new(Full::new(body.to_ascii_uppercase().into())))
}

#[test]
fn a_request_goes_there_and_back() {
    block_on(async {
        let (near, far) = duplex(64);
        let server = hyper::server::conn::http1::Builder::new()
            .timer(Timer)
            .header_read_timeout(Duration::from_secs(60))
            .serve_connection(far, service_fn(shout));
        Executor.execute(async move { server.await.unwrap() });
        let (mut client, connection) = hyper::client::conn::http1::handshake(near).await.unwrap();
        Executor.execute(async move { connection.await.unwrap() });
        for _ in 0..2 {
            // The answer's end may be read before the connection's task, on
            // another thread, has said that it takes the next request.
            client.ready().await.unwrap();
            let request = Request::new(Full::new(Bytes::from("hello ".repeat(50))));
            let response = client.send_request(request).await.unwrap();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, "HELLO ".repeat(50));
        }
    });
}

#[test]
fn a_slow_client_is_cut_off() {
    let runtime = Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let start = Timer.now();
        let (near, far) = duplex(64);
        let server = hyper::server::conn::http1::Builder::new()
            .timer(Timer)
            .header_read_timeout(Duration::from_secs(30))
            .serve_connection(far, service_fn(shout));
        assert!(server.await.unwrap_err().is_timeout());
        assert!(Timer.now() - start >= Duration::from_secs(30));
        drop(near);
    });
}

#[test]
fn a_sleep_is_reset() {
    let runtime = Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let start = Timer.now();
        let mut sleep = Timer.sleep(Duration::from_secs(9));
        Timer.reset(&mut sleep, start + Duration::from_secs(1));
        sleep.await;
        let passed = Timer.now() - start;
        assert!(passed >= Duration::from_secs(1) && passed < Duration::from_secs(2));
    });
}

#[test]
fn tasks_that_are_not_send_stay_on_the_thread() {
    let runtime = Builder::new_current_thread()
        .build_local(LocalOptions::default())
        .unwrap();
    let (sender, receiver) = futures::channel::oneshot::channel();
    runtime.block_on(async {
        let thread = std::thread::current().id();
        let not_send = std::rc::Rc::new(thread);
        LocalExecutor.execute(async move {
            assert_eq!(*not_send, std::thread::current().id());
            sender.send(()).unwrap();
        });
        receiver.await.unwrap();
    });
}
