use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Waker};

use futures::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use sinew_blocking::UnblockIo;
use sinew_core::block_on;

/// A reader that gives what it is sent, and waits for it.
struct Fed(mpsc::Receiver<io::Result<Vec<u8>>>);

impl Read for Fed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.recv() {
            Ok(Ok(bytes)) => {
                buffer[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(0),
        }
    }
}

#[test]
fn a_read_that_is_given_up_loses_nothing() {
    let (feed, fed) = mpsc::channel();
    let mut reader = UnblockIo::new(Fed(fed));
    let mut byte = [0; 1];
    {
        let mut read = pin!(reader.read(&mut byte));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(read.as_mut().poll(&mut cx).is_pending());
    }
    feed.send(Ok(b"abc".to_vec())).unwrap();
    drop(feed);
    let mut text = String::new();
    block_on(reader.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "abc");
}

#[test]
fn errors_of_reads_come_through_and_reading_goes_on() {
    let (feed, fed) = mpsc::channel();
    feed.send(Ok(b"a".to_vec())).unwrap();
    feed.send(Err(io::ErrorKind::Interrupted.into())).unwrap();
    feed.send(Ok(b"b".to_vec())).unwrap();
    feed.send(Err(io::ErrorKind::ConnectionReset.into()))
        .unwrap();
    drop(feed);
    let mut reader = UnblockIo::new(Fed(fed));
    let mut two = [0; 2];
    block_on(reader.read_exact(&mut two)).unwrap();
    assert_eq!(&two, b"ab");
    let error = block_on(reader.read(&mut two)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(block_on(reader.read(&mut two)).unwrap(), 0);
}

/// Takes so many bytes, then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_of_a_write_comes_with_the_next_operation() {
    let mut writer = UnblockIo::new(Full(3));
    block_on(async {
        writer.write_all(b"abc").await.unwrap();
        writer.flush().await.unwrap();
        writer.write_all(b"d").await.unwrap();
        let error = writer.flush().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        // Told once.
        writer.flush().await.unwrap();
        writer.write_all(b"e").await.unwrap();
        let lost = writer.into_inner().await.map(|_| ()).unwrap_err();
        assert_eq!(lost.kind(), io::ErrorKind::StorageFull);
    });
}

#[test]
fn reading_and_writing_do_not_disturb_each_other() {
    // A value with a position for each, as a socket: what was read ahead stays.
    struct Loop(Vec<u8>);
    impl Read for Loop {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }
    impl Write for Loop {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut both = UnblockIo::with_capacity(4, Loop(Vec::new()));
    block_on(async {
        let mut byte = [0; 1];
        both.write_all(b"0123456789").await.unwrap();
        for expected in *b"01" {
            both.read_exact(&mut byte).await.unwrap();
            assert_eq!(byte[0], expected);
        }
        both.write_all(b"ab").await.unwrap();
        both.flush().await.unwrap();
        let mut rest = String::new();
        both.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "23456789ab");
    });
}

#[test]
fn seeking_counts_from_what_was_given() {
    let file = io::Cursor::new((0..100).collect::<Vec<u8>>());
    let mut file = UnblockIo::new(file);
    block_on(async {
        let mut byte = [0; 1];
        file.read_exact(&mut byte).await.unwrap();
        assert_eq!(file.seek(SeekFrom::Current(4)).await.unwrap(), 5);
        file.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte[0], 5);
        assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 99);
        file.write_all(&[7, 8]).await.unwrap();
        file.flush().await.unwrap();
        let position = file.with_mut(|file| file.stream_position()).await.unwrap();
        assert_eq!(position.unwrap(), 101);
        assert_eq!(file.get_mut().await.unwrap().get_ref().len(), 101);
        let inner = file.into_inner().await.unwrap();
        assert_eq!(inner.into_inner()[99..], [7, 8]);
    });
}

#[test]
fn a_panic_of_the_value_reaches_the_one_who_polls() {
    struct Clumsy;
    impl Read for Clumsy {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("on purpose");
        }
    }
    let mut reader = UnblockIo::new(Clumsy);
    let mut byte = [0; 1];
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = block_on(reader.read(&mut byte));
    }));
    assert!(caught.is_err());
    let error = block_on(reader.read(&mut byte)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotConnected);
}
