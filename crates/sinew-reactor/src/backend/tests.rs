use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use super::*;

fn each(test: impl Fn(Backend)) {
    for kind in BackendKind::ALL {
        test(Backend::new(*kind).unwrap());
    }
}

fn wait(backend: &Backend, timeout: Option<Duration>) -> Vec<Event> {
    let mut events = Vec::new();
    let mut buffer = backend.buffer(16);
    backend.wait(&mut buffer, timeout).unwrap();
    buffer.for_each(|event| events.push(event));
    events
}

fn add(backend: &Backend, socket: &UnixStream, key: usize) {
    // SAFETY: each test deletes the socket or drops the backend before it
    // closes the socket.
    unsafe { backend.add(socket.as_fd(), key, Interest::all()) }.unwrap();
}

#[test]
fn an_edge_is_told_once() {
    each(|backend| {
        let (mut near, far) = UnixStream::pair().unwrap();
        add(&backend, &far, 7);
        let first = wait(&backend, None);
        let writable = Event {
            key: 7,
            ready: Ready::WRITABLE,
        };
        assert_eq!(first, [writable]);
        assert_eq!(wait(&backend, Some(Duration::ZERO)), []);
        near.write_all(b"x").unwrap();
        let second = wait(&backend, None);
        assert!(second[0].ready.contains(Ready::READABLE));
        assert_eq!(wait(&backend, Some(Duration::ZERO)), []);
        backend.delete(far.as_fd()).unwrap();
    });
}

#[test]
fn a_deleted_source_is_silent_and_deleting_twice_is_an_error() {
    each(|backend| {
        let (mut near, far) = UnixStream::pair().unwrap();
        add(&backend, &far, 7);
        backend.delete(far.as_fd()).unwrap();
        near.write_all(b"x").unwrap();
        assert_eq!(wait(&backend, Some(Duration::ZERO)), []);
        assert!(backend.delete(far.as_fd()).is_err());
    });
}

#[test]
fn a_kick_ends_a_wait_each_time() {
    each(|backend| {
        for _ in 0..3 {
            backend.kick();
            assert_eq!(wait(&backend, None), []);
        }
        backend.kick();
        assert_eq!(wait(&backend, Some(Duration::MAX)), []);
    });
}

#[test]
fn more_events_than_fit_come_with_the_next_wait() {
    each(|backend| {
        let pairs: Vec<_> = (0..20).map(|_| UnixStream::pair().unwrap()).collect();
        for (key, (_, far)) in pairs.iter().enumerate() {
            add(&backend, far, key);
        }
        let mut buffer = match backend {
            #[cfg(target_os = "linux")]
            Backend::Epoll(_) => Buffer::Epoll(epoll::Buffer::new(3)),
            #[cfg(feature = "mio")]
            Backend::Mio(_) => Buffer::Mio(mio::Mio::buffer(3)),
            Backend::Portable(ref portable) => Buffer::Portable(portable.buffer(3)),
        };
        let mut events = Vec::new();
        for _ in 0..20 {
            backend.wait(&mut buffer, Some(Duration::ZERO)).unwrap();
            buffer.for_each(|event| events.push(event));
        }
        let mut keys: Vec<_> = events.iter().map(|event| event.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 20);
        for (_, far) in &pairs {
            backend.delete(far.as_fd()).unwrap();
        }
    });
}

#[test]
fn only_what_was_asked_for_is_told() {
    each(|backend| {
        let (mut near, far) = UnixStream::pair().unwrap();
        // SAFETY: the socket is deleted below, before it is closed.
        unsafe { backend.add(far.as_fd(), 7, Interest::READABLE) }.unwrap();
        assert_eq!(wait(&backend, Some(Duration::ZERO)), []);
        near.write_all(b"x").unwrap();
        let told = wait(&backend, None);
        assert_eq!(told.len(), 1);
        assert!(told[0].ready.contains(Ready::READABLE));
        assert!(!told[0].ready.contains(Ready::WRITABLE));
        backend.delete(far.as_fd()).unwrap();
    });
}

#[test]
fn waits_are_never_early() {
    let never_early = |backend: &Backend| {
        for micros in [1, 80, 999, 1_500, 2_001] {
            let timeout = Duration::from_micros(micros);
            let start = Instant::now();
            assert_eq!(wait(backend, Some(timeout)), []);
            assert!(start.elapsed() >= timeout);
        }
    };
    each(|backend| never_early(&backend));
    #[cfg(target_os = "linux")]
    never_early(&Backend::Epoll(epoll::Epoll::without_pwait2()));
}
