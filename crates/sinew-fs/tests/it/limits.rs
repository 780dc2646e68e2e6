//! No rights, no room, no descriptor. Each test runs in a process of its own, whose
//! limits it may change.

use std::env;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;
use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sinew_core::block_on;
use sinew_core::error::raw_os_error;
use sinew_fs::{Backend, File, OpenOptions, backend, read, write};
use sinew_io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::backend::{cold, content};
use crate::with_each_backend;

/// Set in the child, to its directory.
const CHILD: &str = "SINEW_FS_TEST_CHILD";

/// Runs the test `name` of this module in a process that `prepare`, a program with
/// its arguments, starts. Gives the directory in that process, which is to do the
/// test.
fn in_child(name: &str, prepare: &[&str]) -> Option<PathBuf> {
    if let Some(dir) = env::var_os(CHILD) {
        return Some(dir.into());
    }
    let dir = tempfile::tempdir().unwrap();
    // Whoever the child is, the directory is its own.
    let mut rights = std::fs::metadata(dir.path()).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o777);
    std::fs::set_permissions(dir.path(), rights).unwrap();
    let prepared = |command: &mut Command| command.env(CHILD, dir.path()).output();
    let mut parts = prepare.iter().map(|part| match *part {
        "$DIR" => dir.path().as_os_str().to_owned(),
        part => part.into(),
    });
    let program = parts.next().unwrap();
    let arguments: Vec<_> = parts.collect();
    let can = Command::new(&program)
        .args(&arguments)
        .arg("true")
        .env(CHILD, dir.path())
        .output();
    if !can.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!(
            "skipped: `{}` does not work here: {can:?}",
            prepare.join(" ")
        );
        return None;
    }
    let mut command = Command::new(program);
    command.args(arguments).arg(env::current_exe().unwrap());
    command.args([&format!("limits::{name}"), "--exact", "--nocapture"]);
    let output = prepared(&mut command).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    None
}

fn limit_descriptors(count: u64) {
    let limit = Rlimit {
        current: Some(count),
        maximum: getrlimit(Resource::Nofile).maximum,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

#[test]
fn ten_thousand_files_are_open_at_once() {
    const FILES: usize = 10_000;
    let Some(dir) = in_child("ten_thousand_files_are_open_at_once", &["env"]) else {
        return;
    };
    let most = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    if most < FILES as u64 + 100 {
        eprintln!("skipped: at most {most} descriptors are allowed here");
        return;
    }
    limit_descriptors(FILES as u64 + 100);
    block_on(async {
        let mut files = Vec::new();
        for number in 0..FILES {
            let path = dir.join(number.to_string());
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            let mut file = options.open(path).await.unwrap();
            file.write_all(&(number as u32).to_be_bytes())
                .await
                .unwrap();
            files.push(file);
        }
        for (number, file) in files.iter_mut().enumerate() {
            file.flush().await.unwrap();
            sinew_io::AsyncSeekExt::rewind(file).await.unwrap();
            assert_eq!(file.read_u32().await.unwrap(), number as u32);
        }
    });
}

#[test]
fn without_a_descriptor_opening_fails_and_works_again_later() {
    let name = "without_a_descriptor_opening_fails_and_works_again_later";
    let Some(dir) = in_child(name, &["env"]) else {
        return;
    };
    let path = dir.join("file");
    std::fs::write(&path, "content").unwrap();
    with_each_backend(async |_| {
        // What stays for good is there before the descriptors are counted.
        assert_eq!(read(&path).await.unwrap(), b"content");
        limit_descriptors(64);
        let mut files = Vec::new();
        let error = loop {
            match File::open(&path).await {
                Ok(file) => files.push(file),
                Err(error) => break error,
            }
        };
        assert_eq!(
            raw_os_error(&error),
            Some(rustix::io::Errno::MFILE.raw_os_error())
        );
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
        for error in [
            read(&path).await.unwrap_err(),
            write(dir.join("other"), "").await.unwrap_err(),
            sinew_fs::read_dir(&dir).await.unwrap_err(),
        ] {
            assert_eq!(
                raw_os_error(&error),
                Some(rustix::io::Errno::MFILE.raw_os_error())
            );
        }
        assert_eq!(files.pop().unwrap().read_u8().await.unwrap(), b'c');
        assert_eq!(read(&path).await.unwrap(), b"content");
        drop(files);
        limit_descriptors(1024);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_and_what_fitted_is_there() {
    let mount = "mount -t tmpfs -o size=1m none \"$SINEW_FS_TEST_CHILD\" && exec \"$0\" \"$@\"";
    let Some(dir) = in_child(
        "a_full_disk_is_told_and_what_fitted_is_there",
        &[
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            mount,
        ],
    ) else {
        return;
    };
    with_each_backend(async |_| {
        let path = dir.join("file");
        let name = path.to_str().unwrap();
        let full = |error: std::io::Error| {
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
            assert!(error.to_string().contains(name), "{error}");
        };
        full(write(&path, vec![7; 4 << 20]).await.unwrap_err());
        std::fs::remove_file(&path).unwrap();

        let mut file = File::create(&path).await.unwrap();
        let mut accepted = 0;
        let error = loop {
            match file.write(&[7; 10_000]).await {
                Ok(count) => accepted += count,
                Err(error) => break error,
            }
            assert!(accepted < 8 << 20, "nobody has said that the disk is full");
        };
        full(error);
        file.flush().await.unwrap();
        // What was accepted before what was reported is there.
        let mut bytes = Vec::new();
        std::fs::File::open(&path)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        assert!(bytes.len() > 900_000 && bytes.len() <= accepted);
        assert!(bytes.iter().all(|byte| *byte == 7));

        full(sinew_fs::copy("/proc/self/exe", &path).await.unwrap_err());
        drop(file);
        std::fs::remove_file(&path).unwrap();
        write(&path, "there is room again").await.unwrap();
        assert_eq!(read(&path).await.unwrap(), b"there is room again");
        std::fs::remove_file(&path).unwrap();
    });
}

#[test]
fn without_rights_each_function_says_so() {
    // The superuser has all rights: the child is nobody then.
    let nobody = ["setpriv", "--reuid=65534", "--clear-groups"];
    let prepare = match rustix::process::geteuid().is_root() {
        true => &nobody[..],
        false => &["env"],
    };
    let Some(dir) = in_child("without_rights_each_function_says_so", prepare) else {
        return;
    };
    let rights = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    with_each_backend(async |_| {
        let closed = dir.join("closed");
        std::fs::create_dir(&closed).unwrap();
        std::fs::write(dir.join("file"), "").unwrap();
        std::fs::write(closed.join("file"), "").unwrap();
        std::fs::set_permissions(&closed, rights(0)).unwrap();
        crate::errors::all_are(ErrorKind::PermissionDenied, &closed.join("file"), &dir).await;
        std::fs::set_permissions(&closed, rights(0o700)).unwrap();
        std::fs::set_permissions(closed.join("file"), rights(0o400)).unwrap();
        for error in [
            File::create(closed.join("file")).await.unwrap_err(),
            write(closed.join("file"), "").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
            assert!(error.to_string().contains("closed/file"), "{error}");
        }
        std::fs::remove_dir_all(&closed).unwrap();
    });
}

/// Lets the kernel refuse this system call, from now on and to all threads, as a
/// sandbox does.
#[cfg(target_os = "linux")]
fn forbid(call: libc::c_long) {
    let step = |code: u32, jf: u8, k: u32| libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf,
        k,
    };
    let mut filter = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, call as u32),
        step(
            libc::BPF_RET | libc::BPF_K,
            0,
            libc::SECCOMP_RET_ERRNO | libc::EPERM as u32,
        ),
        step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: takes numbers only.
    let no_new_rights = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(no_new_rights, 0);
    // SAFETY: the kernel copies the program, which is there until it has returned.
    let failed = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_TSYNC,
            &program,
        )
    };
    assert_eq!(failed, 0, "{}", std::io::Error::last_os_error());
}

#[test]
#[cfg(target_os = "linux")]
fn a_ring_that_is_forbidden_later_leaves_nothing_undone() {
    let name = "a_ring_that_is_forbidden_later_leaves_nothing_undone";
    let Some(dir) = in_child(name, &["env"]) else {
        return;
    };
    if backend() != Backend::IoUring {
        eprintln!("skipped: no ring here");
        return;
    }
    const FILES: usize = 400;
    let content = content(FILES * 4096);
    let path = cold(&dir, &content);
    block_on(async {
        // Opened while there is a ring; a half of them reads when it goes.
        let mut files = Vec::new();
        for number in 0..FILES {
            let mut file = File::open(&path).await.unwrap();
            let start = (number * 4096) as u64;
            file.seek(std::io::SeekFrom::Start(start)).await.unwrap();
            // So that each has to ask the disk for its own.
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Random).unwrap();
            files.push(file);
        }
        let mut reads: Vec<_> = files
            .iter_mut()
            .map(|file| async {
                let mut bytes = vec![0; 4096];
                file.read_exact(&mut bytes).await.map(|_| bytes)
            })
            .map(|read| Box::pin(futures::future::maybe_done(read)))
            .collect();
        for read in &mut reads[..FILES / 2] {
            let _ = crate::poll_once(read.as_mut());
        }
        forbid(libc::SYS_io_uring_enter);
        let mut pieces = Vec::new();
        for mut read in reads {
            read.as_mut().await;
            pieces.extend(read.as_mut().take_output().unwrap().unwrap());
        }
        assert!(pieces == content);

        let mut written = File::create(dir.join("written")).await.unwrap();
        written.write_all(&content).await.unwrap();
        written.sync_all().await.unwrap();
        assert!(read(cold(&dir, &content)).await.unwrap() == content);
        assert!(std::fs::read(dir.join("written")).unwrap() == content);
    });
    assert_eq!(backend(), Backend::ThreadPool);
    let error = Backend::IoUring.enter().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}
