//! tokio's and hyper's traits on the types of this crate, and the wrappers. Each test imports the
//! methods of one family.

#[cfg(feature = "tokio-io")]
mod tokio_io {
    use std::io::SeekFrom;

    use futures::executor::block_on;
    use sinew_io::compat::Compat;
    use sinew_io::{BufReader, BufStream, BufWriter, Cursor, DuplexStream, duplex};

    fn is_tokio<T: tokio::io::AsyncRead + tokio::io::AsyncWrite>(stream: T) -> T {
        stream
    }

    fn is_futures<T: futures_io::AsyncRead + futures_io::AsyncWrite>(stream: T) -> T {
        stream
    }

    #[test]
    fn tokio_methods_work_without_a_wrapper() {
        use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

        let (near, far) = duplex(8);
        let (mut near, mut far) = (BufStream::new(is_tokio(near)), BufReader::new(far));
        block_on(async {
            near.write_all(b"one\ntwo").await.unwrap();
            let write = async {
                near.flush().await.unwrap();
                near.shutdown().await.unwrap();
            };
            let read = async {
                let mut line = String::new();
                far.read_line(&mut line).await.unwrap();
                let mut rest = Vec::with_capacity(1);
                far.read_to_end(&mut rest).await.unwrap();
                (line, rest)
            };
            let ((), seen) = futures::join!(write, read);
            assert_eq!(seen, ("one\n".to_owned(), b"two".to_vec()));
        });
    }

    #[test]
    fn one_family_of_methods_is_not_ambiguous() {
        use sinew_io::{AsyncReadExt, AsyncWriteExt};

        let (mut near, mut far) = duplex(8);
        block_on(async {
            near.write_all(b"abc").await.unwrap();
            near.shutdown().await.unwrap();
            assert_eq!(far.read_u8().await.unwrap(), b'a');
            let mut rest = String::new();
            far.read_to_string(&mut rest).await.unwrap();
            assert_eq!(rest, "bc");
        });
    }

    #[test]
    fn tokio_seeks_in_two_steps() {
        use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

        let mut reader = BufReader::with_capacity(2, Cursor::new(b"abcdef"));
        let mut writer = BufWriter::new(Cursor::new(vec![b'-'; 4]));
        block_on(async {
            assert_eq!(reader.read_u8().await.unwrap(), b'a');
            assert_eq!(reader.seek(SeekFrom::Current(2)).await.unwrap(), 3);
            assert_eq!(reader.read_u8().await.unwrap(), b'd');
            assert_eq!(reader.stream_position().await.unwrap(), 4);
            reader.seek(SeekFrom::Current(-9)).await.unwrap_err();
            assert_eq!(reader.read_u8().await.unwrap(), b'e');

            writer.write_all(b"x").await.unwrap();
            assert_eq!(writer.seek(SeekFrom::End(-1)).await.unwrap(), 3);
            writer.write_all(b"y").await.unwrap();
            writer.flush().await.unwrap();
        });
        assert_eq!(writer.get_ref().get_ref(), b"x--y");
    }

    #[test]
    fn a_wrapper_goes_either_way() {
        use futures::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
        use sinew_io::compat::{FuturesAsyncReadCompatExt, TokioAsyncWriteCompatExt};

        // tokio's stream with futures' methods.
        let (near, far) = tokio::io::duplex(8);
        let (mut near, mut far) = (
            is_futures(near.compat_write()),
            is_futures(far.compat_write()),
        );
        block_on(async {
            near.write_all(b"abc").await.unwrap();
            near.close().await.unwrap();
            let mut text = String::new();
            far.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "abc");
        });

        // futures' cursor with tokio's methods, and back with futures' again.
        let cursor = futures::io::Cursor::new(b"abcdef".to_vec());
        let tokio = is_tokio(FuturesAsyncReadCompatExt::compat(cursor));
        let mut twice: Compat<Compat<_>> = tokio.compat_write();
        block_on(async {
            assert_eq!(twice.seek(SeekFrom::Start(4)).await.unwrap(), 4);
            assert_eq!(twice.seek(SeekFrom::Current(-1)).await.unwrap(), 3);
            let mut rest = String::new();
            twice.read_to_string(&mut rest).await.unwrap();
            assert_eq!(rest, "def");
        });
        assert_eq!(twice.into_inner().into_inner().position(), 6);
    }

    #[test]
    fn copying_mixes_families() {
        use sinew_io::AsyncWriteExt;

        let (mut near, mut far): (DuplexStream, _) = duplex(64);
        block_on(async {
            near.write_all(b"abc").await.unwrap();
            AsyncWriteExt::shutdown(&mut near).await.unwrap();
            let mut sink = Vec::new();
            tokio::io::copy(&mut far, &mut sink).await.unwrap();
            assert_eq!(sink, b"abc");
        });
    }
}

#[cfg(feature = "hyper")]
mod hyper_io {
    use std::future::poll_fn;
    use std::pin::Pin;

    use futures::executor::block_on;
    use hyper::rt::{Read, ReadBuf, Write};
    use sinew_io::compat::HyperIo;
    use sinew_io::{AsyncReadExt, AsyncWriteExt, BufWriter, Cursor, IoSlice, duplex};

    async fn read_some<R: Read + Unpin>(reader: &mut R, room: usize) -> Vec<u8> {
        let mut space = vec![std::mem::MaybeUninit::uninit(); room];
        let mut buf = ReadBuf::uninit(&mut space);
        poll_fn(|cx| Pin::new(&mut *reader).poll_read(cx, buf.unfilled()))
            .await
            .unwrap();
        buf.filled().to_vec()
    }

    #[test]
    fn hyper_reads_and_writes_without_a_wrapper() {
        let (near, mut far) = duplex(64);
        let mut near = BufWriter::new(near);
        assert!(near.is_write_vectored());
        block_on(async {
            let bufs = [IoSlice::new(b"ab"), IoSlice::new(b"cd")];
            let n = poll_fn(|cx| Write::poll_write_vectored(Pin::new(&mut near), cx, &bufs)).await;
            assert_eq!(n.unwrap(), 4);
            poll_fn(|cx| Write::poll_flush(Pin::new(&mut near), cx))
                .await
                .unwrap();
            poll_fn(|cx| Write::poll_shutdown(Pin::new(&mut near), cx))
                .await
                .unwrap();
            assert_eq!(read_some(&mut far, 3).await, b"abc");
            assert_eq!(read_some(&mut far, 3).await, b"d");
            assert!(read_some(&mut far, 3).await.is_empty());
        });
    }

    #[test]
    fn a_wrapper_goes_either_way() {
        block_on(async {
            // futures' cursor as hyper wants it, and back.
            let cursor = futures::io::Cursor::new(b"abc".to_vec());
            let mut hyper = HyperIo::new(cursor);
            assert_eq!(read_some(&mut hyper, 1).await, b"a");
            let mut back = HyperIo::new(hyper);
            let mut rest = String::new();
            back.read_to_string(&mut rest).await.unwrap();
            assert_eq!(rest, "bc");
            back.write_all(b"d").await.unwrap();
            back.flush().await.unwrap();
            back.close().await.unwrap();
            assert_eq!(back.into_inner().inner().get_ref(), b"abcd");

            let mut writer = HyperIo::new(Cursor::new(Vec::new()));
            assert!(!HyperIo::new(futures::io::sink()).is_write_vectored());
            let n = poll_fn(|cx| Write::poll_write(Pin::new(&mut writer), cx, b"xy")).await;
            assert_eq!(n.unwrap(), 2);
            assert_eq!(writer.inner_mut().get_ref(), b"xy");
        });
    }
}
