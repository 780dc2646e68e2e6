use futures::executor::block_on;
use sinew_io::{
    AsyncReadExt, AsyncWriteExt, Cursor, DuplexStream, IoSlice, ReadHalf, WriteHalf, duplex, join,
    split,
};

use crate::script::{Out, Writer, poll_once};

fn stream() -> sinew_io::Join<&'static [u8], Writer> {
    join(&b"in"[..], Writer::default())
}

#[test]
fn halves_are_send_and_sync() {
    fn assert_both<T: Send + Sync + Unpin>() {}
    assert_both::<ReadHalf<DuplexStream>>();
    assert_both::<WriteHalf<DuplexStream>>();
    assert_both::<DuplexStream>();
}

#[test]
fn halves_read_write_and_are_reunited() {
    let (mut reader, mut writer) = split(stream());
    assert!(reader.is_pair_of(&writer) && writer.is_pair_of(&reader));
    let mut text = String::new();
    block_on(async {
        reader.read_to_string(&mut text).await.unwrap();
        let mut parts = [IoSlice::new(b"o"), IoSlice::new(b"ut")];
        writer.write_all_vectored(&mut parts).await.unwrap();
        writer.shutdown().await.unwrap();
    });
    assert_eq!(text, "in");
    let whole = reader.unsplit(writer);
    assert_eq!(whole.writer().written, b"out");
    assert!(whole.writer().closed);
}

#[test]
fn a_dropped_half_closes_nothing() {
    let (a, mut b) = duplex(8);
    let (mut reader, writer) = split(a);
    drop(writer);
    block_on(b.write_all(b"ab")).unwrap();
    let mut buf = [0; 2];
    block_on(reader.read_exact(&mut buf)).unwrap();
    assert!(poll_once(&mut b.read(&mut buf)).is_pending());
    drop(reader);
    assert_eq!(block_on(b.read(&mut buf)).unwrap(), 0);
}

#[test]
#[should_panic(expected = "`WriteHalf` of another stream")]
fn halves_of_two_streams_do_not_fit() {
    let (reader, _writer) = split(stream());
    let (_reader, writer) = split(stream());
    reader.unsplit(writer);
}

#[test]
fn a_stream_that_is_not_unpin_can_be_split() {
    struct Pinned(Cursor<Vec<u8>>, std::marker::PhantomPinned);

    impl sinew_io::AsyncRead for Pinned {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut [u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            std::task::Poll::Ready(Ok(self.0.get_ref().len().min(1) - 1))
        }
    }

    impl sinew_io::AsyncWrite for Pinned {
        fn poll_write(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buf: &[u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            std::task::Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn poll_close(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
    }

    let pinned = Pinned(Cursor::new(vec![1]), std::marker::PhantomPinned);
    let (mut reader, mut writer) = split(pinned);
    assert_eq!(block_on(reader.read(&mut [0; 4])).unwrap(), 0);
    block_on(writer.write_all(b"abc")).unwrap();
}

#[test]
fn a_joined_stream_gives_its_parts_back() {
    let mut stream = join(&b"in"[..], Writer::new([Out::Take(1), Out::Pending]));
    block_on(stream.write_all(b"out")).unwrap();
    assert_eq!(stream.reader(), b"in");
    assert_eq!(stream.writer_mut().written, b"out");
    assert_eq!(stream.into_inner().0, b"in");
}
