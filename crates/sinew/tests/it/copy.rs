//! `copy` from files to sockets, which Linux sends by itself.

use std::io::{SeekFrom, Write};
use std::time::Duration;

use sinew::fs::{File, OpenOptions};
use sinew::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, copy};
use sinew::join;
use sinew::net::{TcpListener, TcpStream};

/// Bounds a test that hangs; no test waits for it to pass.
const LIMIT: Duration = Duration::from_secs(60);

fn run<F: Future>(future: F) -> F::Output {
    sinew::block_on(sinew::time::timeout(LIMIT, future)).expect("the test hangs")
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

/// A file of these bytes, which has no name any more. Its file system is known, so
/// that its cache may be relied upon.
async fn file(bytes: &[u8]) -> File {
    let mut named = tempfile::NamedTempFile::new().unwrap();
    named.write_all(bytes).unwrap();
    drop(File::open(named.path()).await.unwrap());
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .open(named.path())
        .await
        .unwrap()
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap());
    let (client, accepted) = join!(client, listener.accept());
    (client.unwrap(), accepted.unwrap().0)
}

/// What arrives when `file` is copied from where it is.
async fn sent(file: &mut File) -> Vec<u8> {
    let (mut near, mut far) = pair().await;
    let mut received = Vec::new();
    let (copied, read) = join!(
        async {
            let copied = copy(file, &mut near).await;
            drop(near);
            copied
        },
        far.read_to_end(&mut received)
    );
    assert_eq!(copied.unwrap(), read.unwrap() as u64);
    received
}

#[test]
fn files_of_all_sizes_arrive() {
    run(async {
        let sizes = [
            0,
            1,
            8192,
            16_384,
            16_385,
            262_144 + 16_384,
            1_000_000,
            6_000_000,
        ];
        for len in sizes {
            let bytes = pattern(len);
            assert!(sent(&mut file(&bytes).await).await == bytes, "{len}");
        }
    });
}

#[test]
fn it_begins_where_the_file_is_and_leaves_it_at_the_end() {
    run(async {
        let bytes = pattern(3_000_000);
        let mut file = file(&bytes).await;
        file.seek(SeekFrom::Start(777)).await.unwrap();
        assert!(sent(&mut file).await == bytes[777..]);
        assert_eq!(file.stream_position().await.unwrap(), 3_000_000);
        file.seek(SeekFrom::End(-100_000)).await.unwrap();
        assert!(sent(&mut file).await == bytes[2_900_000..]);
    });
}

#[test]
fn what_was_written_before_is_sent() {
    run(async {
        let mut file = file(&pattern(2_000_000)).await;
        file.write_all(&[b'x'; 400_000]).await.unwrap();
        file.seek(SeekFrom::Start(0)).await.unwrap();
        let mut expected = pattern(2_000_000);
        expected[..400_000].fill(b'x');
        assert!(sent(&mut file).await == expected);
    });
}

/// What was read ahead of the copy comes first.
#[test]
fn a_file_that_cannot_be_read_at_once_arrives_too() {
    run(async {
        // Of an unknown file system nothing is presumed.
        let bytes = pattern(2_000_000);
        let mut std = tempfile::tempfile().unwrap();
        std.write_all(&bytes).unwrap();
        let mut file = File::from_std(std);
        file.rewind().await.unwrap();
        let mut first = [0; 10];
        file.read_exact(&mut first).await.unwrap();
        assert_eq!(first, bytes[..10]);
        assert!(sent(&mut file).await == bytes[10..]);
    });
}
