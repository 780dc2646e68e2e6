//! What waits for tasks, threads and descriptors, under the kit.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use futures::StreamExt;
use sinew::io::AsyncReadExt;
use sinew::task::{JoinMap, JoinSet, UnblockIo, UnblockIter};
use sinew::testing::cancel::every_pending;

use super::{Lent, Run, TASKS, loses_nothing, number};

use sinew::testing::cancel::every_await;

#[test]
fn join_maps() {
    let make = || {
        let mut map = JoinMap::new();
        for n in 0..TASKS {
            map.spawn(n, number(n));
        }
        map
    };
    loses_nothing!(make(), |map, got| {
        while let Some((key, result)) = map.join_next().await {
            assert_eq!(key, result.unwrap());
            got.borrow_mut().push(key);
        }
    });
}

/// Tells when it is dropped.
struct Tells(Arc<AtomicBool>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A future that never ends, and whether it has been dropped.
fn endless() -> (impl Future<Output = ()> + Send + 'static, Arc<AtomicBool>) {
    let dropped = Arc::new(AtomicBool::new(false));
    let tells = Tells(dropped.clone());
    let future = async move {
        let _tells = tells;
        std::future::pending().await
    };
    (future, dropped)
}

/// Cancelling a task aborts it at the first poll, also when it is not waited for to the
/// end; at its end the future is gone.
#[test]
fn cancelled_handles() {
    sinew::block_on(async {
        let mut run = 0;
        every_pending(
            async || {
                let (future, dropped) = endless();
                run += 1;
                (Some(sinew::spawn(future)), (dropped, run > 1))
            },
            async |handle| handle.take().unwrap().cancel().await,
            |_, _| {},
            async |handle, (dropped, begun), result| {
                if let Some(result) = result {
                    assert!(result.unwrap_err().is_cancelled());
                    assert!(dropped.load(Ordering::SeqCst));
                }
                if !begun {
                    // Not polled, it has done nothing: the task goes on.
                    assert!(!dropped.load(Ordering::SeqCst));
                    drop(handle);
                    return;
                }
                while !dropped.load(Ordering::SeqCst) {
                    sinew::task::yield_now().await;
                }
            },
        )
        .await;
    });
}

/// A set that is being shut down: what is not joined yet is still in it.
#[test]
fn sets_that_are_shut_down() {
    sinew::block_on(async {
        every_pending(
            async || {
                let mut set = JoinSet::new();
                for _ in 0..3 {
                    set.spawn(endless().0);
                }
                (set, ())
            },
            async |set| set.shutdown().await,
            |(), _| {},
            async |mut set, (), _| {
                set.abort_all();
                while let Some(result) = set.join_next().await {
                    assert!(result.unwrap_err().is_cancelled());
                }
            },
        )
        .await;
    });
}

/// A closure that blocks, whose handle is dropped or awaited anew.
#[test]
fn blocking_tasks() {
    sinew::block_on(async {
        let runs = every_pending(
            async || {
                let (sender, receiver) = mpsc::channel();
                let handle = sinew::task::spawn_blocking(move || receiver.recv().unwrap());
                (handle, sender)
            },
            async |handle| handle.await.unwrap(),
            |sender, _| sender.send(7).unwrap(),
            async |handle, sender, value| match value {
                Some(value) => assert_eq!(value, 7),
                None => {
                    sender.send(7).unwrap();
                    assert_eq!(handle.await.unwrap(), 7);
                }
            },
        )
        .await;
        assert!(runs > 2, "{runs}");
    });
}

#[test]
fn unblocked_readers_and_iterators() {
    sinew::block_on(async {
        every_pending(
            async || (UnblockIo::new(std::io::Cursor::new(b"0123456789")), ()),
            async |reader| {
                let mut buf = [0; 4];
                let count = reader.read(&mut buf).await.unwrap();
                buf[..count].to_vec()
            },
            |(), _| {},
            async |mut reader, (), taken| {
                let mut all = taken.unwrap_or_default();
                reader.read_to_end(&mut all).await.unwrap();
                assert_eq!(all, b"0123456789");
            },
        )
        .await;
        let runs = every_pending(
            async || {
                let (sender, receiver) = mpsc::channel();
                (UnblockIter::with_capacity(1, receiver.into_iter()), sender)
            },
            async |items| items.next().await.unwrap(),
            |sender, pending| sender.send(pending).unwrap(),
            async |items, sender, first| {
                sender.send(0).unwrap();
                drop(sender);
                let mut all: Vec<_> = first.into_iter().collect();
                all.extend(items.collect::<Vec<_>>().await);
                assert_eq!(all.pop(), Some(0));
                assert!(all.iter().copied().eq(1..=all.len()));
            },
        )
        .await;
        assert!(runs > 2, "{runs}");
    });
}

/// Readiness of a descriptor is there for the next who waits for it.
#[cfg(unix)]
#[test]
fn descriptors() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use sinew::io::Interest;
    use sinew::io::unix::AsyncFd;

    fn pair() -> (AsyncFd<UnixStream>, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        (AsyncFd::new(near).unwrap(), far)
    }

    async fn rest(fd: &AsyncFd<UnixStream>) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let mut buf = [0; 8];
            let read = |mut fd: &UnixStream| fd.read(&mut buf);
            match fd.async_io(Interest::READABLE, read).await.unwrap() {
                0 => return all,
                count => all.extend(&buf[..count]),
            }
        }
    }

    macro_rules! waits {
        ($($fd:ident => $operation:expr),+ $(,)?) => {{$({
            let runs = every_pending(
                async || pair(),
                async |$fd| $operation,
                |far, _| far.write_all(b"x").unwrap(),
                async |fd, mut far, taken: Option<usize>| {
                    far.write_all(b"x").unwrap();
                    drop(far);
                    let rest = rest(&fd).await;
                    assert!(rest.len() + taken.unwrap_or(0) >= 1);
                    assert!(rest.iter().all(|byte| *byte == b'x'));
                },
            )
            .await;
            assert!(runs > 2, "{runs}");
        })+}};
    }

    sinew::block_on(async {
        waits!(
            fd => fd.readable().await.map(|_| 0).unwrap(),
            fd => fd.readable_mut().await.map(|_| 0).unwrap(),
            fd => fd.ready(Interest::READABLE).await.map(|_| 0).unwrap(),
            fd => fd.ready_mut(Interest::READABLE).await.map(|_| 0).unwrap(),
            fd => {
                let read = |mut fd: &UnixStream| fd.read(&mut [0; 8]);
                fd.async_io(Interest::READABLE, read).await.unwrap()
            },
            fd => {
                let read = |fd: &mut UnixStream| fd.read(&mut [0; 8]);
                fd.async_io_mut(Interest::READABLE, read).await.unwrap()
            },
        );
    });
}
