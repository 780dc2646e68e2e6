use std::ffi::OsStr;

use super::*;

fn addr(bytes: &[u8]) -> SocketAddr {
    SocketAddr::from_path(Path::new(OsStr::from_bytes(bytes))).unwrap()
}

fn same(one: &SocketAddr, other: &SocketAddr) -> bool {
    one.as_pathname() == other.as_pathname() && one.as_abstract_name() == other.as_abstract_name()
}

#[test]
fn addresses_survive_the_way_through_socket2() {
    let unnamed = SocketAddr::unnamed().unwrap();
    assert!(unnamed.is_unnamed());
    for addr in [addr(b"/tmp/x"), addr(b"\0hidden"), addr(b"\0a\0b"), unnamed] {
        let back = SocketAddr::from_socket2(&addr.to_socket2().unwrap()).unwrap();
        assert!(same(&addr, &back), "{addr:?} became {back:?}");
    }
}

#[test]
fn addresses_are_shown_for_people() {
    assert_eq!(Shown(&addr(b"/tmp/x")).to_string(), "/tmp/x");
    assert_eq!(Shown(&addr(b"\0a\xff")).to_string(), r"@a\xff");
    assert_eq!(
        Shown(&SocketAddr::unnamed().unwrap()).to_string(),
        "(unnamed)"
    );
}

#[test]
fn a_path_too_long_for_an_address_is_refused() {
    let long = "x".repeat(200);
    let error = SocketAddr::from_path(Path::new(&long)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
