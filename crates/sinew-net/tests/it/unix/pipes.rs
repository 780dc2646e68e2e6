//! Pipes, with and without a name.

use std::fs::File;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use sinew_net::unix::pipe::{self, OpenOptions, Receiver, Sender};
use tempfile::tempdir;

use crate::run;

fn fifo(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[test]
fn much_goes_through_and_ends() {
    run(async {
        let (mut sender, mut receiver) = pipe::pipe().unwrap();
        let bytes = vec![7; 1 << 20];
        let send = async {
            sender.write_all(&bytes).await.unwrap();
            drop(sender);
        };
        let mut back = Vec::new();
        let (_, count) = join(send, receiver.read_to_end(&mut back)).await;
        assert_eq!(count.unwrap(), bytes.len());
    });
}

#[test]
fn nobody_reads_any_more() {
    run(async {
        let (mut sender, receiver) = pipe::pipe().unwrap();
        while sender.write(&[0; 4096]).now_or_never().is_some() {}
        let wait = async { sender.write(&[0; 4096]).await.unwrap_err() };
        let (error, ()) = join(wait, async { drop(receiver) }).await;
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn what_does_not_wait() {
    run(async {
        let (sender, receiver) = pipe::pipe().unwrap();
        let empty = receiver.try_read(&mut [0; 4]).unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::WouldBlock);
        sender.writable().await.unwrap();
        let parts = [IoSlice::new(b"ab"), IoSlice::new(b"cde")];
        assert_eq!(sender.try_write_vectored(&parts).unwrap(), 5);
        receiver.readable().await.unwrap();
        let (mut one, mut two) = ([0; 1], [0; 2]);
        let mut parts = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(receiver.try_read_vectored(&mut parts).unwrap(), 3);
        let mut vec = Vec::with_capacity(1);
        assert_eq!(receiver.try_read_buf(&mut vec).unwrap(), 1);
        assert_eq!(receiver.try_read(&mut one).unwrap(), 1);
        assert_eq!((one, two, &*vec), (*b"e", *b"bc", &b"d"[..]));
    });
}

#[test]
fn a_pipe_with_a_name_and_its_next_sender() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("fifo");
    fifo(&path);
    run(async {
        let none = OpenOptions::new().open_sender(&path).unwrap_err();
        let nobody = rustix::io::Errno::NXIO.raw_os_error();
        assert_eq!(none.raw_os_error(), Some(nobody));
        let mut receiver = OpenOptions::new().open_receiver(&path).unwrap();
        for word in ["one", "two"] {
            let mut sender = OpenOptions::new().open_sender(&path).unwrap();
            sender.write_all(word.as_bytes()).await.unwrap();
            drop(sender);
            receiver.readable().await.unwrap();
            let mut text = String::new();
            receiver.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, word);
        }
    });
}

#[test]
fn a_receiver_that_also_sends_sees_no_end() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("fifo");
    fifo(&path);
    run(async {
        let mut options = OpenOptions::new();
        let sender = options.read_write(true).open_sender(&path).unwrap();
        let mut receiver = options.open_receiver(&path).unwrap();
        sender.writable().await.unwrap();
        sender.try_write(b"x").unwrap();
        drop(sender);
        receiver.read_exact(&mut [0; 1]).await.unwrap();
        assert!(receiver.read(&mut [0; 1]).now_or_never().is_none());
    });
}

#[test]
fn what_is_no_pipe_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    File::create(&path).unwrap();
    run(async {
        let error = OpenOptions::new().open_receiver(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = Sender::from_file(File::create(&path).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let (sender, receiver) = pipe::pipe().unwrap();
        let fd = sender.into_nonblocking_fd().unwrap();
        let error = Receiver::from_owned_fd(fd).unwrap_err();
        assert!(error.to_string().contains("not open for reading"));
        let fd = receiver.into_nonblocking_fd().unwrap();
        Receiver::from_owned_fd(fd).unwrap();
    });
}

#[test]
fn an_end_for_a_child_blocks() {
    run(async {
        let (sender, receiver) = pipe::pipe().unwrap();
        let write: OwnedFd = sender.into_blocking_fd().unwrap();
        let mut read = File::from(receiver.into_blocking_fd().unwrap());
        File::from(write).write_all(b"hi").unwrap();
        let mut text = String::new();
        read.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hi");
    });
}
