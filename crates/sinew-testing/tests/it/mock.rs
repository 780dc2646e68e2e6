use std::io::{Error, ErrorKind};
use std::time::Duration;

use sinew_io::{AsyncReadExt, AsyncWriteExt};
use sinew_testing::io::Builder;
use sinew_testing::{assert_pending, assert_ready_eq, assert_ready_ok, block_on, task};
use sinew_time::Instant;

#[test]
fn reads_and_writes_follow_the_script() {
    let mut mock = Builder::new()
        .read(b"hello")
        .write(b"to you")
        .write(b" too")
        .read(b"!")
        .build();
    block_on(async {
        let mut buf = [0; 8];
        assert_eq!(mock.read(&mut buf[..2]).await.unwrap(), 2);
        assert_eq!(mock.read(&mut buf[2..]).await.unwrap(), 3);
        assert_eq!(&buf[..5], b"hello");
        assert_eq!(mock.write(b"to you too").await.unwrap(), 10);
        mock.flush().await.unwrap();
        mock.close().await.unwrap();
        assert_eq!(mock.read(&mut buf).await.unwrap(), 1);
        assert_eq!(mock.read(&mut buf).await.unwrap(), 0);
    });
}

#[test]
fn a_write_may_come_before_a_read() {
    let mut mock = Builder::new().read(b"a").write(b"b").build();
    block_on(async {
        mock.write_all(b"b").await.unwrap();
        assert_eq!(mock.read_u8().await.unwrap(), b'a');
    });
}

#[test]
fn a_read_waits_for_the_write_before_it() {
    let mut mock = Builder::new().write(b"a").read(b"b").build();
    let (mut reader, mut writer) = sinew_io::split(&mut mock);
    let mut read = task::spawn(reader.read_u8());
    assert_pending!(read.poll());
    assert_ready_ok!(task::spawn(writer.write_all(b"a")).poll());
    assert!(read.is_woken());
    assert_eq!(assert_ready_ok!(read.poll()), b'b');
}

#[test]
fn errors_come_once() {
    let mut script = Builder::new();
    script
        .read_error(Error::new(ErrorKind::TimedOut, "late"))
        .write_error(Error::from_raw_os_error(32))
        .write(b"a");
    // The clone and the builder share the errors.
    for mut mock in [script.clone().build(), script.build()] {
        block_on(async {
            let error = mock.read(&mut [0]).await.unwrap_err();
            assert_eq!(
                (error.kind(), &*error.to_string()),
                (ErrorKind::TimedOut, "late")
            );
            let error = mock.write(b"a").await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(32));
            mock.write_all(b"a").await.unwrap();
        });
    }
}

#[test]
fn waits_are_sat_out() {
    let wait = Duration::from_millis(3);
    let mut mock = Builder::new()
        .wait(wait)
        .read(b"a")
        .wait(wait)
        .write(b"b")
        .build();
    block_on(async {
        let start = Instant::now();
        assert_eq!(mock.read_u8().await.unwrap(), b'a');
        assert!(start.elapsed() >= wait);
        mock.write_all(b"b").await.unwrap();
        assert!(start.elapsed() >= 2 * wait);
    });
}

#[test]
fn a_handle_continues_the_script() {
    let (mut mock, mut handle) = Builder::new().build_with_handle();
    let mut buf = [0; 4];
    let mut read = task::spawn(mock.read(&mut buf));
    assert_pending!(read.poll());
    handle.read(b"ab").write(b"cd");
    assert!(read.is_woken());
    assert_eq!(assert_ready_ok!(read.poll()), 2);
    drop(read);
    let mut write = task::spawn(mock.write_all(b"cdef"));
    assert_pending!(write.poll());
    handle.write(b"ef");
    assert!(write.is_woken());
    assert_ready_ok!(write.poll());
    drop(write);
    handle
        .read_error(ErrorKind::TimedOut.into())
        .write_error(ErrorKind::BrokenPipe.into());
    let polled = task::spawn(mock.read(&mut buf)).poll();
    assert_ready_eq!(polled.map_err(|e| e.kind()), Err(ErrorKind::TimedOut));
    let polled = task::spawn(mock.write(b"a")).poll();
    assert_ready_eq!(polled.map_err(|e| e.kind()), Err(ErrorKind::BrokenPipe));
    let mut read = task::spawn(mock.read(&mut buf));
    assert_pending!(read.poll());
    drop(handle);
    assert!(read.is_woken());
    assert_eq!(assert_ready_ok!(read.poll()), 0);
}

#[test]
#[should_panic(expected = "the mock of this handle was dropped")]
fn a_handle_without_its_mock_panics() {
    let (mock, mut handle) = Builder::new().build_with_handle();
    drop(mock);
    handle.read(b"a");
}

#[test]
#[should_panic(expected = "name=peer i=0")]
fn another_write_panics() {
    let mut mock = Builder::new().name("peer").write(b"a").build();
    let _ = block_on(mock.write(b"b"));
}

#[test]
#[should_panic(expected = "unexpected write (0 actions remain)")]
fn a_write_at_the_end_panics() {
    let mut mock = Builder::new().write(b"a").build();
    let _ = block_on(mock.write_all(b"ab"));
}

#[test]
#[should_panic(expected = "There is still data left to read. (1 actions remain)")]
fn bytes_to_read_may_not_be_left() {
    drop(Builder::new().read(b"a").build());
}

#[test]
#[should_panic(expected = "There is still data left to write. (name peer, 1 actions remain)")]
fn bytes_to_write_may_not_be_left() {
    drop(Builder::new().write(b"a").name("peer").build());
}

#[test]
fn debug_shows_the_name() {
    let mock = |name: &str| format!("{:?}", Builder::new().name(name).build());
    assert_eq!(mock(""), "Mock { .. }");
    assert_eq!(mock("peer"), "Mock { name: \"peer\", .. }");
}
