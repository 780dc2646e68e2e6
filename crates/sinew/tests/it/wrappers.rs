//! Each wrapper under the name that a program from tokio-stream has for it.

use std::io;

use sinew::future::FutureExt;
use sinew::io::{AsyncBufReadExt, AsyncWriteExt};
use sinew::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use sinew::stream::wrappers::errors::BroadcastStreamRecvError;
use sinew::stream::wrappers::{
    BroadcastStream, IntervalStream, JoinSetStream, LinesStream, ReadDirStream, ReceiverStream,
    SplitStream, TcpListenerStream, UnboundedReceiverStream, UnixListenerStream, WatchStream,
};
use sinew::stream::{StreamExt, TryStreamExt};
use sinew::sync::{broadcast, mpsc, watch};
use sinew::task::JoinSet;
use sinew::time::{Duration, interval};

#[sinew::test]
async fn channels() {
    let (sender, receiver) = mpsc::channel(2);
    sender.send(1).await.unwrap();
    drop(sender);
    assert_eq!(ReceiverStream::new(receiver).collect::<Vec<_>>().await, [1]);

    let (sender, receiver) = mpsc::unbounded_channel();
    sender.send(2).unwrap();
    drop(sender);
    let all = UnboundedReceiverStream::new(receiver).collect::<Vec<_>>();
    assert_eq!(all.await, [2]);

    let (sender, receiver) = broadcast::channel(1);
    sender.send(3).unwrap();
    sender.send(4).unwrap();
    drop(sender);
    let lagged = BroadcastStreamRecvError::Lagged(1);
    let all = BroadcastStream::new(receiver).collect::<Vec<_>>();
    assert_eq!(all.await, [Err(lagged), Ok(4)]);

    let (sender, receiver) = watch::channel(5);
    let mut values = WatchStream::new(receiver);
    assert_eq!(values.next().await, Some(5));
    drop(sender);
    assert_eq!(values.next().await, None);
}

#[sinew::test(start_paused = true)]
async fn ticks_and_tasks() {
    let ticks = IntervalStream::new(interval(Duration::from_secs(1)));
    assert_eq!(ticks.take(3).count().await, 3);

    let set: JoinSet<u32> = (0..4).map(|n| async move { n }).collect();
    let mut results = JoinSetStream::from(set);
    assert_eq!(sinew::stream::Stream::size_hint(&results), (4, Some(4)));
    let mut outputs: Vec<u32> = (&mut results).try_collect().await.unwrap();
    outputs.sort_unstable();
    assert_eq!(outputs, [0, 1, 2, 3]);
    assert!(results.as_ref().is_empty());
    // It goes on when there is something again.
    results.as_mut().spawn(async { 7 });
    assert_eq!(results.next().await.unwrap().unwrap(), 7);
    assert!(results.into_inner().is_empty());
}

#[sinew::test]
async fn lines_and_segments() {
    let text: &[u8] = b"one\ntwo\r\nthree";
    let mut lines = LinesStream::new(text.lines());
    assert_eq!(lines.next().await.unwrap().unwrap(), "one");
    let rest: Vec<String> = lines.try_collect().await.unwrap();
    assert_eq!(rest, ["two", "three"]);
    let segments = SplitStream::new(AsyncBufReadExt::split(&b"a,b"[..], b','));
    let all: Vec<Vec<u8>> = segments.try_collect().await.unwrap();
    assert_eq!(all, [b"a", b"b"]);
}

#[sinew::test]
async fn entries() -> io::Result<()> {
    let here = sinew::fs::read_dir(env!("CARGO_MANIFEST_DIR")).await?;
    let entries: Vec<_> = ReadDirStream::new(here).try_collect().await?;
    assert!(
        entries
            .iter()
            .any(|entry| entry.file_name() == "Cargo.toml")
    );
    Ok(())
}

#[sinew::test]
async fn listeners() -> io::Result<()> {
    let tcp = TcpListener::bind("127.0.0.1:0").await?;
    let addr = tcp.local_addr()?;
    let mut incoming = TcpListenerStream::new(tcp);
    let mut client = TcpStream::connect(addr).await?;
    client.write_all(b"tcp\n").await?;
    let server = incoming.next().await.unwrap()?;
    let mut lines = sinew::io::BufReader::new(server).lines();
    assert_eq!(lines.next_line().await?.unwrap(), "tcp");
    assert_eq!(incoming.into_inner().local_addr()?, addr);

    let folder = std::env::temp_dir().join(format!("sinew-wrappers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("socket");
    let mut incoming = UnixListenerStream::new(UnixListener::bind(&path)?);
    let mut client = UnixStream::connect(&path).await?;
    client.write_all(b"unix\n").await?;
    let server = incoming.next().await.unwrap()?;
    let mut lines = sinew::io::BufReader::new(server).lines();
    assert_eq!(lines.next_line().await?.unwrap(), "unix");
    let addr = incoming.as_ref().local_addr()?;
    assert_eq!(addr.as_pathname(), Some(path.as_path()));
    std::fs::remove_dir_all(folder)
}

#[sinew::test]
async fn signals() {
    use sinew::signal::unix::{SignalKind, signal};
    use sinew::stream::wrappers::SignalStream;

    let kind = SignalKind::window_change();
    let mut stream = SignalStream::new(signal(kind).unwrap());
    assert_eq!(stream.next().now_or_never(), None);
    assert_eq!(stream.as_mut().recv().now_or_never(), None);
}
