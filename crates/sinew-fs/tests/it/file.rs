//! One open file.

use std::io::SeekFrom;
use std::time::{Duration, SystemTime};

use sinew_core::{block_on, join};
use sinew_fs::{File, OpenOptions};
use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::everywhere;

#[test]
fn is_opened_in_each_way() {
    everywhere(async |dir| {
        let path = dir.join("file");
        assert!(File::open(&path).await.is_err());
        File::create(&path)
            .await
            .unwrap()
            .write_all(b"one")
            .await
            .unwrap();
        assert!(File::create_new(&path).await.is_err());
        let mut log = OpenOptions::new().append(true).open(&path).await.unwrap();
        log.write_all(b" two").await.unwrap();
        log.flush().await.unwrap();
        let mut text = String::new();
        File::open(&path)
            .await
            .unwrap()
            .read_to_string(&mut text)
            .await
            .unwrap();
        assert!(text.ends_with(" two"), "{text}");
        File::create(&path).await.unwrap();
        assert_eq!(sinew_fs::metadata(&path).await.unwrap().len(), 0);
        assert!(
            OpenOptions::new().open(&path).await.is_err(),
            "neither read nor write"
        );
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_was_opened_quickly_is_an_ordinary_one() {
    use rustix::fs::{OFlags, fcntl_getfl};

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, "content").unwrap();
    block_on(async {
        sinew_fs::metadata(&path).await.unwrap();
        let file = File::open(&path).await.unwrap();
        assert!(!fcntl_getfl(&file).unwrap().contains(OFlags::NONBLOCK));
        let mut std = file.into_std().await;
        let mut text = String::new();
        std::io::Read::read_to_string(&mut std, &mut text).unwrap();
        assert_eq!(text, "content");
    });
}

#[test]
fn is_opened_as_options_of_std_say() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    block_on(async {
        let mut std = std::fs::OpenOptions::new();
        let options = OpenOptions::from(std.write(true).create_new(true).clone());
        options.open(&path).await.unwrap();
        assert!(options.open(&path).await.is_err());
    });
}

#[test]
fn rights_and_times_and_length() {
    everywhere(async |dir| {
        let path = dir.join("file");
        let mut file = File::create(&path).await.unwrap();
        file.write_all(b"1234567890").await.unwrap();
        assert_eq!(
            file.metadata().await.unwrap().len(),
            10,
            "what was written counts"
        );
        file.set_len(4).await.unwrap();
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        file.set_modified(then).await.unwrap();
        let mut permissions = file.metadata().await.unwrap().permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions).await.unwrap();
        file.sync_all().await.unwrap();
        file.sync_data().await.unwrap();
        let metadata = file.metadata().await.unwrap();
        assert_eq!(metadata.len(), 4);
        assert_eq!(metadata.modified().unwrap(), then);
        assert!(metadata.permissions().readonly());
    });
}

#[test]
fn clones_share_the_position() {
    everywhere(async |dir| {
        let path = dir.join("file");
        sinew_fs::write(&path, "0123456789").await.unwrap();
        let mut one = File::open(&path).await.unwrap();
        let mut two = one.try_clone().await.unwrap();
        let mut buf = [0; 3];
        one.read_exact(&mut buf).await.unwrap();
        one = one.try_clone().await.unwrap();
        two.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"345");
        assert_eq!(one.stream_position().await.unwrap(), 6);
        assert_eq!(one.seek(SeekFrom::End(-1)).await.unwrap(), 9);
        assert!(one.seek(SeekFrom::Current(-10)).await.is_err());
        assert_eq!(one.seek(SeekFrom::Current(-9)).await.unwrap(), 0);
    });
}

#[test]
fn goes_back_to_std_when_nothing_is_under_way() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let mut file = File::create(dir.path().join("file")).await.unwrap();
        file.write_all(&[7; 1 << 20]).await.unwrap();
        file.flush().await.unwrap();
        let std = file.try_into_std().unwrap();
        assert_eq!(std.metadata().unwrap().len(), 1 << 20);
    });
}

#[test]
fn a_file_cut_under_its_reader_ends() {
    everywhere(async |dir| {
        let path = dir.join("file");
        sinew_fs::write(&path, vec![1; 1 << 20]).await.unwrap();
        let mut file = File::open(&path).await.unwrap();
        let mut buf = vec![0; 1000];
        file.read_exact(&mut buf).await.unwrap();
        File::create(&path).await.unwrap();
        let mut rest = Vec::new();
        file.read_to_end(&mut rest).await.unwrap();
        assert!(rest.len() < 1 << 20);
    });
}

#[test]
fn many_files_are_open_at_once() {
    everywhere(async |dir| {
        let path = dir.join("file");
        sinew_fs::write(&path, "x").await.unwrap();
        let mut files = Vec::new();
        for _ in 0..800 {
            files.push(File::open(&path).await.unwrap());
        }
        for file in &mut files {
            assert_eq!(file.read_u8().await.unwrap(), b'x');
        }
    });
}

#[test]
fn one_task_reads_while_another_syncs() {
    everywhere(async |dir| {
        let file = File::create(dir.join("file")).await.unwrap();
        let (one, two) = join!(file.sync_all(), file.metadata());
        one.unwrap();
        two.unwrap();
    });
}
