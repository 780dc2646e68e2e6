//! Streams, frames and pipes in memory under the kit: what is awaited anew after a drop
//! goes on where it was.

use std::pin::Pin;

use futures::{SinkExt, Stream, StreamExt};
use sinew::io::codec::{Framed, FramedRead, FramedWrite, LengthDelimitedCodec, LinesCodec};
use sinew::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReaderStream,
    StreamReader, copy_buf, duplex, simplex,
};
use sinew::stream::wrappers::{
    BroadcastStream, LinesStream, ReceiverStream, SplitStream, UnboundedReceiverStream,
};
use sinew::stream::{RuntimeStreamExt, StreamMap, StreamNotifyClose};
use sinew::sync::{broadcast, mpsc};
use sinew::testing::cancel::every_await;

use super::{Lent, Run, TASKS, loses_nothing, writer};

type Numbers = Pin<Box<dyn Stream<Item = u32>>>;

/// All items of a stream are got, each once, whenever the wait for one is dropped.
fn all_items_come(make: impl Fn() -> Numbers) {
    loses_nothing!(make(), |stream, got| {
        while let Some(n) = stream.next().await {
            got.borrow_mut().push(n);
        }
    });
}

/// The number `n`, sent by a task after a while.
fn one(n: u32) -> ReceiverStream<u32> {
    let (sender, receiver) = mpsc::channel(1);
    drop(sinew::spawn(async move {
        sinew::task::yield_now().await;
        sender.send(n).await.unwrap();
    }));
    ReceiverStream::new(receiver)
}

/// All numbers, sent by a task through a channel that holds one.
fn all() -> ReceiverStream<u32> {
    let (sender, receiver) = mpsc::channel(1);
    drop(sinew::spawn(async move {
        for n in 0..TASKS {
            sender.send(n).await.unwrap();
        }
    }));
    ReceiverStream::new(receiver)
}

#[test]
fn wrappers() {
    all_items_come(|| Box::pin(all()));
    all_items_come(|| {
        let (sender, receiver) = mpsc::unbounded_channel();
        drop(sinew::spawn(async move {
            for n in 0..TASKS {
                sender.send(n).unwrap();
                sinew::task::yield_now().await;
            }
        }));
        Box::pin(UnboundedReceiverStream::new(receiver))
    });
    all_items_come(|| {
        let (sender, receiver) = broadcast::channel(4);
        drop(sinew::spawn(async move {
            for n in 0..TASKS {
                sender.send(n).unwrap();
                sinew::task::yield_now().await;
            }
        }));
        Box::pin(BroadcastStream::new(receiver).map(Result::unwrap))
    });
    all_items_come(|| {
        let lines = LinesStream::new(BufReader::new(writer()).lines());
        Box::pin(lines.map(|line| line.unwrap().parse().unwrap()))
    });
    all_items_come(|| {
        let parts = AsyncBufReadExt::split(BufReader::new(writer()), b'\n');
        let number = |part: Vec<u8>| String::from_utf8(part).unwrap().parse().unwrap();
        Box::pin(SplitStream::new(parts).map(move |part| number(part.unwrap())))
    });
}

#[test]
fn combined_streams() {
    all_items_come(|| Box::pin(one(0).merge(one(1)).merge(one(2))));
    all_items_come(|| {
        let map: StreamMap<_, _> = (0..TASKS).map(|n| (n, one(n))).collect();
        Box::pin(map.map(|(_, n)| n))
    });
    all_items_come(|| Box::pin(StreamNotifyClose::new(all()).filter_map(async |item| item)));
    all_items_come(|| {
        let mut source = all();
        Box::pin(sinew::stream::stream! {
            while let Some(n) = source.next().await {
                sinew::task::yield_now().await;
                yield n;
            }
        })
    });
    all_items_come(|| {
        let mut source = all();
        let stream = sinew::stream::try_stream! {
            while let Some(n) = source.next().await {
                yield n;
            }
        };
        Box::pin(stream.map(|item: Result<u32, ()>| item.unwrap()))
    });
    loses_nothing!(
        (0..TASKS).map(|n| (n, one(n))).collect::<StreamMap<_, _>>(),
        |map, got| {
            let mut several = Vec::new();
            while map.next_many(&mut several, 2).await > 0 {
                got.borrow_mut().extend(several.drain(..).map(|(_, n)| n));
            }
        }
    );
}

/// Both ends of a pipe of frames, and the next frame to be sent.
type Frames<W, R> = (W, R, u32);

/// Sends what has not been sent, one frame at a time, and receives beside it.
macro_rules! frames_come {
    ($ends:expr, $frame:ty: $encode:expr, $decode:expr) => {
        loses_nothing!($ends, |ends, got| {
            let (writer, reader, next): &mut Frames<_, _> = ends;
            let write = async {
                while *next < TASKS {
                    // Once it says so it has the frame, and not before.
                    let frame: $frame = $encode(*next);
                    writer.feed(frame).await.unwrap();
                    *next += 1;
                }
                SinkExt::<$frame>::close(writer).await.unwrap();
            };
            let read = async {
                while let Some(frame) = reader.next().await {
                    got.borrow_mut().push($decode(&frame.unwrap()));
                }
            };
            sinew::join!(write, read);
        })
    };
}

#[test]
fn frames() {
    frames_come!(
        {
            let (near, far) = duplex(3);
            (
                FramedWrite::new(near, LinesCodec::new()),
                FramedRead::new(far, LinesCodec::new()),
                0,
            )
        },
        String: |n: u32| n.to_string(),
        |line: &str| line.parse().unwrap()
    );
    frames_come!(
        {
            let (near, far) = duplex(3);
            let [near, far] = [near, far].map(|end| Framed::new(end, LengthDelimitedCodec::new()));
            (near, far, 0)
        },
        bytes::Bytes: |n: u32| n.to_be_bytes().to_vec().into(),
        |frame: &[u8]| u32::from_be_bytes(frame.try_into().unwrap())
    );
}

/// Reads what comes through a pipe piece by piece; `read` may be dropped in any piece.
macro_rules! bytes_come {
    ($pipe:expr, |$reader:ident, $text:ident| $read:expr) => {
        loses_nothing!(($pipe, Vec::new()), |value, got| {
            let ($reader, $text): &mut (_, Vec<u8>) = value;
            while $read {}
            let text = std::str::from_utf8($text).unwrap();
            *got.borrow_mut() = text.lines().map(|line| line.parse().unwrap()).collect();
        })
    };
}

#[test]
fn readers() {
    bytes_come!(writer(), |reader, text| {
        let mut buf = [0; 2];
        let count = reader.read(&mut buf).await.unwrap();
        text.extend(&buf[..count]);
        count > 0
    });
    bytes_come!(writer(), |reader, text| reader
        .read_buf(text)
        .await
        .unwrap()
        > 0);
    bytes_come!(writer(), |reader, text| reader
        .read_to_end(text)
        .await
        .unwrap()
        > 0);
    bytes_come!(BufReader::new(writer()), |reader, text| {
        let buf = reader.fill_buf().await.unwrap();
        let count = buf.len();
        text.extend(buf);
        reader.consume(count);
        count > 0
    });
    bytes_come!(BufReader::new(writer()), |reader, text| {
        reader.read_until(b'\n', text).await.unwrap() > 0
    });
    bytes_come!(BufReader::new(writer()), |reader, text| copy_buf(
        reader, text
    )
    .await
    .unwrap()
        > 0);
    bytes_come!(sinew::io::split(writer()).0, |reader, text| {
        reader.read_buf(text).await.unwrap() > 0
    });
    bytes_come!(
        ReaderStream::new(writer()),
        |reader, text| match reader.next().await {
            Some(bytes) => {
                text.extend(bytes.unwrap());
                true
            }
            None => false,
        }
    );
    bytes_come!(
        StreamReader::new(ReaderStream::new(writer())),
        |reader, text| reader.read_buf(text).await.unwrap() > 0
    );
    bytes_come!(
        {
            let (reader, mut writer) = simplex(2);
            drop(sinew::spawn(async move {
                writer.write_all(b"0\n1\n2\n").await.unwrap();
            }));
            reader
        },
        |reader, text| reader.read_buf(text).await.unwrap() > 0
    );
}

/// A writer that is dropped between its writes has written what it was told that it had.
#[test]
fn writers() {
    const TEXT: &[u8] = b"0\n1\n2\n";
    let make = || {
        let (near, far) = duplex(1);
        (near, far, 0, Vec::new())
    };
    loses_nothing!(make(), |ends, got| {
        let (writer, reader, written, text): &mut (DuplexStream, DuplexStream, usize, Vec<u8>) =
            ends;
        let write = async {
            while *written < TEXT.len() {
                *written += writer.write(&TEXT[*written..]).await.unwrap();
            }
            writer.flush().await.unwrap();
            writer.shutdown().await.unwrap();
        };
        let read = async { while reader.read_buf(text).await.unwrap() > 0 {} };
        sinew::join!(write, read);
        let text = std::str::from_utf8(text).unwrap();
        *got.borrow_mut() = text.lines().map(|line| line.parse().unwrap()).collect();
    });
}
