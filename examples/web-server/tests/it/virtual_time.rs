//! The handler on virtual time and a virtual network: nothing of the system's.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use sinew::net::memory::Network;
use sinew::net::{TcpListener, TcpStream};
use sinew::prelude::*;
use sinew::time::provider::{self, VirtualSleep, VirtualTime};
use sinew::time::{Duration, Instant};
use web_server::connection::serve;
use web_server::drain::Drain;
use web_server::files::Files;
use web_server::response::HELLO;

/// Time that stands still until it is told to go on.
#[derive(Debug)]
struct Manual {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    now: Instant,
    next: u64,
    /// Who waits, by deadline and number.
    waiting: BTreeMap<(Instant, u64), Waker>,
}

impl Manual {
    fn new() -> Arc<Manual> {
        Arc::new(Manual {
            state: Mutex::new(State {
                now: Instant::now(),
                next: 0,
                waiting: BTreeMap::new(),
            }),
        })
    }

    /// Goes on to the first deadline that somebody waits for; `false` if nobody waits.
    fn go_on(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let Some(((deadline, _), waker)) = state.waiting.pop_first() else {
            return false;
        };
        state.now = state.now.max(deadline);
        drop(state);
        waker.wake();
        true
    }
}

impl VirtualTime for Manual {
    fn now(&self) -> Instant {
        self.state.lock().unwrap().now
    }

    fn sleep(self: Arc<Self>, deadline: Instant) -> Box<dyn VirtualSleep> {
        let mut state = self.state.lock().unwrap();
        let id = state.next;
        state.next += 1;
        drop(state);
        Box::new(ManualSleep {
            time: self,
            deadline,
            id,
        })
    }
}

struct ManualSleep {
    time: Arc<Manual>,
    deadline: Instant,
    id: u64,
}

impl ManualSleep {
    fn forget(&self) {
        let mut state = self.time.state.lock().unwrap();
        state.waiting.remove(&(self.deadline, self.id));
    }
}

impl VirtualSleep for ManualSleep {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.time.state.lock().unwrap();
        let key = (self.deadline, self.id);
        if state.now >= self.deadline {
            state.waiting.remove(&key);
            return Poll::Ready(());
        }
        state.waiting.insert(key, cx.waker().clone());
        Poll::Pending
    }

    fn reset(&mut self, deadline: Instant) {
        let mut state = self.time.state.lock().unwrap();
        let waker = state.waiting.remove(&(self.deadline, self.id));
        self.deadline = deadline;
        if let Some(waker) = waker {
            state.waiting.insert((deadline, self.id), waker);
        }
    }

    fn is_elapsed(&self) -> bool {
        self.time.now() >= self.deadline
    }
}

impl Drop for ManualSleep {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Runs `future` with `time` going on whenever nothing else can.
fn run<F: Future>(time: &Manual, future: F) -> F::Output {
    let mut future = pin!(future);
    let woken = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&woken);
    let waker = sinew::core::waker::waker_fn(move || {
        flag.store(true, Ordering::SeqCst);
    });
    let mut cx = Context::from_waker(&waker);
    loop {
        while woken.swap(false, Ordering::SeqCst) {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
        }
        assert!(time.go_on(), "nothing will ever happen again");
    }
}

async fn ask(request: &str) -> (String, Duration) {
    let start = Instant::now();
    let mut client = TcpStream::connect("10.0.0.1:80").await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    (answer, start.elapsed())
}

#[test]
fn the_handler_runs_on_virtual_time_and_a_virtual_network() {
    let time = Manual::new();
    let _time = provider::enter(time.clone());
    let _network = Network::new().enter();
    let real = std::time::Instant::now();
    run(&time, async {
        let listener = TcpListener::bind("10.0.0.1:80").await.unwrap();
        let (files, drain) = (Files::none(), Drain::new());
        let serve_next = || async {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream, &files, &drain.enter()).await.unwrap();
        };
        let ((), (), (), slow, quick, late) = sinew::join!(
            serve_next(),
            serve_next(),
            serve_next(),
            ask("GET /sleep HTTP/1.0\r\n\r\n"),
            ask("GET / HTTP/1.0\r\n\r\n"),
            ask("GET / HTTP/1.0\r\n"),
        );
        assert!(slow.0.ends_with(HELLO));
        assert_eq!(slow.1, Duration::from_secs(5));
        assert!(quick.0.ends_with(HELLO));
        assert_eq!(quick.1, Duration::ZERO);
        assert!(late.0.starts_with("HTTP/1.1 408 "));
        assert_eq!(late.1, Duration::from_secs(10));
    });
    // Less than what one of them waited.
    assert!(real.elapsed() < Duration::from_secs(10));
}
