//! What a file system in memory has of its own.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use sinew_core::block_on;
use sinew_fs::memory::FileSystem;
use sinew_fs::{File, OpenOptions, metadata, read, read_dir, remove_file, rename, write};
use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::{everywhere, in_memory};

#[test]
fn the_file_system_is_looked_up_when_the_function_is_called() {
    let disk = FileSystem::new();
    let (writing, opening);
    {
        let _entered = disk.enter();
        writing = write("/file", "inside");
        opening = File::open("/file");
    }
    block_on(async {
        writing.await.unwrap();
        // The file stays with the file system that has opened it.
        let mut text = String::new();
        opening
            .await
            .unwrap()
            .read_to_string(&mut text)
            .await
            .unwrap();
        assert_eq!(text, "inside");
        assert_eq!(read("/file").await.unwrap_err().kind(), ErrorKind::NotFound);
    });
}

#[test]
fn a_full_disk_takes_what_it_has_room_for_and_says_so() {
    let disk = FileSystem::with_capacity(3 * 4096);
    in_memory(&disk, async |dir| {
        let (one, two) = (dir.join("one"), dir.join("two"));
        write(&one, [1; 4096]).await.unwrap();
        let error = write(&two, [2; 10_000]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert!(error.to_string().contains("/directory/two"), "{error}");
        assert_eq!(read(&two).await.unwrap(), [2; 8192]);
        assert_eq!(disk.used(), 3 * 4096);
        // What is overwritten needs no room.
        write(&one, [3; 4096]).await.unwrap();

        let open = File::open(&two).await.unwrap();
        remove_file(&two).await.unwrap();
        assert_eq!(disk.used(), 3 * 4096, "it is open");
        drop(open);
        assert_eq!(disk.used(), 4096);
    });
}

#[test]
fn the_clock_is_the_one_that_was_given() {
    let then = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 5);
    in_memory(&FileSystem::with_clock(move || then), async |dir| {
        let path = dir.join("file");
        write(&path, "12345").await.unwrap();
        for path in [&dir, &path] {
            let metadata = metadata(path).await.unwrap();
            assert_eq!(metadata.modified().unwrap(), then);
            assert_eq!(metadata.accessed().unwrap(), then);
        }
        let later = then + Duration::from_secs(1);
        let file = File::open(&path).await.unwrap();
        file.set_modified(later).await.unwrap();
        let metadata = file.metadata().await.unwrap();
        assert_eq!(metadata.modified().unwrap(), later);
        assert_eq!(metadata.accessed().unwrap(), then, "only what was set");
    });
}

#[test]
#[cfg(unix)]
fn the_rights_of_the_owner_count() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    let rights = Permissions::from_mode;
    in_memory(&FileSystem::new(), async |dir| {
        let path = dir.join("file");
        write(&path, "text").await.unwrap();
        assert_eq!(
            metadata(&path).await.unwrap().permissions().mode() & 0o7777,
            0o644
        );
        sinew_fs::set_permissions(&path, rights(0o200))
            .await
            .unwrap();
        let denied = ErrorKind::PermissionDenied;
        assert_eq!(read(&path).await.unwrap_err().kind(), denied);
        write(&path, "more").await.unwrap();
        sinew_fs::set_permissions(&dir, rights(0o600))
            .await
            .unwrap();
        assert_eq!(metadata(&path).await.unwrap_err().kind(), denied);
        sinew_fs::set_permissions(&dir, rights(0o500))
            .await
            .unwrap();
        assert_eq!(remove_file(&path).await.unwrap_err().kind(), denied);
        assert_eq!(write(dir.join("new"), "").await.unwrap_err().kind(), denied);
        sinew_fs::set_permissions(&dir, rights(0o300))
            .await
            .unwrap();
        assert_eq!(read_dir(&dir).await.unwrap_err().kind(), denied);
    });
}

#[test]
fn a_hole_takes_no_room() {
    let disk = FileSystem::with_capacity(8192);
    in_memory(&disk, async |dir| {
        let mut file = File::create(dir.join("file")).await.unwrap();
        file.set_len(1 << 40).await.unwrap();
        file.seek(std::io::SeekFrom::End(-3)).await.unwrap();
        file.write_all(b"end").await.unwrap();
        file.flush().await.unwrap();
        assert_eq!(file.metadata().await.unwrap().len(), 1 << 40);
        assert_eq!(disk.used(), 4096);
        file.set_len(10).await.unwrap();
        assert_eq!(disk.used(), 0);
        assert_eq!(read(dir.join("file")).await.unwrap(), [0; 10]);
    });
}

#[test]
fn what_cannot_be_had_of_it() {
    in_memory(&FileSystem::new(), async |dir| {
        let path = dir.join("file");
        let file = File::create(&path).await.unwrap();
        let file = file.try_into_std().unwrap_err();
        assert!(format!("{file:?}").contains("virtual"), "{file:?}");
        let options: OpenOptions = std::fs::OpenOptions::new().read(true).to_owned().into();
        let error = options.open(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let waiting = std::panic::AssertUnwindSafe(file.into_std());
        let panic = futures::FutureExt::catch_unwind(waiting).await.unwrap_err();
        let message = panic.downcast_ref::<&str>().unwrap();
        assert!(message.contains("virtual file system"), "{message}");
    });
}

#[test]
fn names_are_moved_as_on_a_real_one() {
    everywhere(async |dir| {
        let at = |name: &str| dir.join(name);
        for directory in ["full", "full/inner", "empty"] {
            sinew_fs::create_dir(at(directory)).await.unwrap();
        }
        for file in ["one", "two"] {
            write(at(file), file).await.unwrap();
        }
        let kind = async |from: &str, to: &str| match rename(at(from), at(to)).await {
            Ok(()) => None,
            Err(error) => Some(error.kind()),
        };
        assert_eq!(kind("one", "full").await, Some(ErrorKind::IsADirectory));
        assert_eq!(kind("full", "one").await, Some(ErrorKind::NotADirectory));
        assert_eq!(
            kind("empty", "full").await,
            Some(ErrorKind::DirectoryNotEmpty)
        );
        assert_eq!(
            kind("full", "full/inner/x").await,
            Some(ErrorKind::InvalidInput)
        );
        assert_eq!(kind("missing", "one").await, Some(ErrorKind::NotFound));
        assert_eq!(kind("one", "missing/x").await, Some(ErrorKind::NotFound));
        assert_eq!(kind("one", "two/x").await, Some(ErrorKind::NotADirectory));
        assert_eq!(kind("one", "new/").await, Some(ErrorKind::NotADirectory));
        assert_eq!(kind("one", "one").await, None);
        assert_eq!(kind("one", "two").await, None);
        assert_eq!(read(at("two")).await.unwrap(), b"one");
        assert_eq!(kind("full", "empty").await, None);
        assert!(metadata(at("empty/inner")).await.unwrap().is_dir());
        assert!(metadata(at("full")).await.is_err());
    });
}

#[test]
fn what_is_wrong_has_the_same_kind_everywhere() {
    everywhere(async |dir| {
        let at = |name: &str| dir.join(name);
        write(at("file"), "").await.unwrap();
        let open = async |name: &str, options: &mut OpenOptions| {
            options.open(at(name)).await.unwrap_err().kind()
        };
        let options = OpenOptions::new;
        use ErrorKind::{
            AlreadyExists, DirectoryNotEmpty, InvalidInput, IsADirectory, NotADirectory, NotFound,
        };
        assert_eq!(open("file", &mut options()).await, InvalidInput);
        assert_eq!(
            open("file", options().read(true).create(true)).await,
            InvalidInput
        );
        assert_eq!(
            open("file", options().append(true).truncate(true)).await,
            InvalidInput
        );
        assert_eq!(
            open("file", options().write(true).create_new(true)).await,
            AlreadyExists
        );
        assert_eq!(open("file/", options().read(true)).await, NotADirectory);
        assert_eq!(
            open("new/", options().write(true).create(true)).await,
            IsADirectory
        );
        assert_eq!(open("file/x", options().read(true)).await, NotADirectory);
        assert_eq!(
            open("x/y", options().write(true).create(true)).await,
            NotFound
        );
        assert_eq!(
            open("", options().read(true).write(true)).await,
            IsADirectory
        );
        let kind = |result: std::io::Result<()>| result.unwrap_err().kind();
        assert_eq!(kind(remove_file(at("x")).await), NotFound);
        assert_eq!(kind(remove_file(&dir).await), IsADirectory);
        assert_eq!(kind(sinew_fs::remove_dir(at("file")).await), NotADirectory);
        assert_eq!(kind(sinew_fs::remove_dir(&dir).await), DirectoryNotEmpty);
        assert_eq!(
            kind(sinew_fs::remove_dir_all(at("file")).await),
            NotADirectory
        );
        assert_eq!(kind(sinew_fs::remove_dir_all(at("x")).await), NotFound);
        assert_eq!(kind(sinew_fs::create_dir(at("file")).await), AlreadyExists);
        assert_eq!(
            kind(sinew_fs::create_dir_all(at("file/x")).await),
            NotADirectory
        );
        assert_eq!(
            sinew_fs::copy(&dir, at("x")).await.unwrap_err().kind(),
            InvalidInput
        );
        assert_eq!(
            sinew_fs::read_link(at("file")).await.unwrap_err().kind(),
            InvalidInput
        );
        let mut file = File::open(at("file")).await.unwrap();
        assert!(file.write_all(b"x").await.is_err() || file.flush().await.is_err());
        assert!(file.set_len(1).await.is_err());
        assert_eq!(read("").await.unwrap_err().kind(), NotFound);
    });
}

#[test]
#[cfg(unix)]
fn links_lead_on() {
    use sinew_fs::{canonicalize, symlink, symlink_metadata};

    everywhere(async |dir| {
        let at = |name: &str| dir.join(name);
        sinew_fs::create_dir(at("inner")).await.unwrap();
        symlink("inner/../one", at("inner/relative")).await.unwrap();
        // It is relative to where the link is: there is no `inner/inner`.
        assert!(write(at("inner/relative"), "").await.is_err());
        remove_file(at("inner/relative")).await.unwrap();
        symlink("../one", at("inner/relative")).await.unwrap();
        write(at("inner/relative"), "made through it")
            .await
            .unwrap();
        assert_eq!(read(at("one")).await.unwrap(), b"made through it");
        assert_eq!(canonicalize(at("inner/relative")).await.unwrap(), at("one"));
        let new = OpenOptions::new().write(true).create_new(true).to_owned();
        let exists = new.open(at("inner/relative")).await.unwrap_err();
        assert_eq!(exists.kind(), ErrorKind::AlreadyExists);
        let link = symlink_metadata(at("inner/relative")).await.unwrap();
        assert!(link.is_symlink());
        assert_eq!(link.len(), 6);

        symlink(&dir, at("inner/up")).await.unwrap();
        assert!(
            metadata(at("inner/up/inner/up/one"))
                .await
                .unwrap()
                .is_file()
        );
        assert_eq!(canonicalize(at("inner/up/.")).await.unwrap(), dir);
        let mut kinds = Vec::new();
        let mut entries = read_dir(at("inner")).await.unwrap();
        while let Some(entry) = entries.next_entry().await.unwrap() {
            kinds.push(entry.file_type().await.unwrap().is_symlink());
            assert!(entry.metadata().await.unwrap().is_symlink());
        }
        assert_eq!(kinds, [true, true]);
        symlink("round", at("round")).await.unwrap();
        assert!(read(at("round")).await.is_err());
        // The links go, not what they lead to.
        sinew_fs::remove_dir_all(at("inner")).await.unwrap();
        assert_eq!(read(at("one")).await.unwrap().len(), 15);
        assert!(metadata(Path::new("/")).await.unwrap().is_dir());
    });
}
