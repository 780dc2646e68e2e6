//! Which types there are. The bounds are those of the `futures-io` impls.

/// Calls `$with` for every reader.
macro_rules! readers {
    ($with:path) => {
        $with!([R: AsyncRead] BufReader<R>);
        $with!([RW: AsyncRead] BufStream<RW>);
        $with!([W: AsyncRead] BufWriter<W>);
        $with!([T: AsyncRead, U: AsyncRead] Chain<T, U>);
        $with!([T: AsRef<[u8]>] Cursor<T>);
        $with!([] DuplexStream);
        $with!([] Empty);
        $with!([R: AsyncRead, F: FnMut(&[u8])] InspectReader<R, F>);
        $with!([W: AsyncRead, F] InspectWriter<W, F>);
        $with!([R: AsyncRead, W] Join<R, W>);
        $with!([T: AsyncRead] ReadHalf<T>);
        $with!([] Repeat);
        $with!([] SimplexStream);
        $with!([S: AsyncRead] SinkWriter<S>);
        $with!([] Stdin);
        $with!([S: Stream<Item = Result<B, E>>, B: Buf, E: Into<Error>] StreamReader<S, B>);
        $with!([R: AsyncRead] Take<R>);
    };
}

/// Calls `$with` for every writer.
macro_rules! writers {
    ($with:path) => {
        $with!([R: AsyncWrite] BufReader<R>);
        $with!([RW: AsyncWrite] BufStream<RW>);
        $with!([W: AsyncWrite] BufWriter<W>);
        $with!([] Cursor<&mut [u8]>);
        $with!([] Cursor<&mut Vec<u8>>);
        $with!([] Cursor<Vec<u8>>);
        $with!([] Cursor<Box<[u8]>>);
        $with!([const N: usize] Cursor<[u8; N]>);
        $with!([] DuplexStream);
        $with!([] Empty);
        $with!([R: AsyncWrite, F] InspectReader<R, F>);
        $with!([W: AsyncWrite, F: FnMut(&[u8])] InspectWriter<W, F>);
        $with!([R, W: AsyncWrite] Join<R, W>);
        $with!([W: AsyncWrite] LineWriter<W>);
        $with!([] SimplexStream);
        $with!([] Sink);
        $with!([E: Into<Error>, S: for<'a> SinkTrait<&'a [u8], Error = E>] SinkWriter<S>);
        $with!([] Stderr);
        $with!([] Stdout);
        $with!([T: AsyncWrite] WriteHalf<T>);
    };
}

/// Calls `$with` for every reader with a buffer.
#[cfg(feature = "tokio-io")]
macro_rules! buffered_readers {
    ($with:path) => {
        $with!([R: AsyncRead] BufReader<R>);
        $with!([RW: AsyncRead] BufStream<RW>);
        $with!([W: AsyncBufRead] BufWriter<W>);
        $with!([T: AsyncBufRead, U: AsyncBufRead] Chain<T, U>);
        $with!([T: AsRef<[u8]>] Cursor<T>);
        $with!([] Empty);
        $with!([R: AsyncBufRead, W] Join<R, W>);
        $with!([S: Stream<Item = Result<B, E>>, B: Buf, E: Into<Error>] StreamReader<S, B>);
        $with!([R: AsyncBufRead] Take<R>);
    };
}

#[cfg(feature = "tokio-io")]
pub(super) use buffered_readers;
pub(super) use {readers, writers};
