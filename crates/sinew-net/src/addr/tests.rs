use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use futures::executor::block_on;

use super::{ToSocketAddrs, lookup_host};
use crate::memory::Network;

fn all(host: impl ToSocketAddrs) -> Vec<SocketAddr> {
    block_on(lookup_host(host)).unwrap().collect()
}

fn fails(host: impl ToSocketAddrs) -> (ErrorKind, String) {
    let error = block_on(lookup_host(host)).map(drop).unwrap_err();
    (error.kind(), error.to_string())
}

#[test]
fn whatever_holds_an_address_is_taken() {
    let v4 = SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), 80));
    let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, 80));
    assert_eq!(all(v4), [v4]);
    let borrowed: &SocketAddr = &v4;
    assert_eq!(all(borrowed), [v4]);
    assert_eq!(all(SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80)), [v4]);
    assert_eq!(all(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 0)), [v6]);
    assert_eq!(all((IpAddr::from(Ipv4Addr::new(10, 0, 0, 1)), 80)), [v4]);
    assert_eq!(all((Ipv4Addr::new(10, 0, 0, 1), 80)), [v4]);
    assert_eq!(all((Ipv6Addr::LOCALHOST, 80)), [v6]);
    assert_eq!(all("10.0.0.1:80"), [v4]);
    assert_eq!(all("[::1]:80"), [v6]);
    assert_eq!(all(String::from("10.0.0.1:80")), [v4]);
    assert_eq!(all(("10.0.0.1", 80)), [v4]);
    assert_eq!(all(("::1", 80)), [v6]);
    assert_eq!(all((String::from("::1"), 80)), [v6]);
    assert_eq!(all(&[v4, v6][..]), [v4, v6]);
    assert_eq!(all(&[][..]), []);
}

#[test]
fn malformed_addresses_are_invalid_input_and_named() {
    for text in [
        "localhost",
        "",
        "localhost:65536",
        "localhost:-1",
        "localhost:",
        "[::1]",
    ] {
        let (kind, message) = fails(text);
        assert_eq!(kind, ErrorKind::InvalidInput, "{text:?}");
        assert!(message.contains(&format!("{text:?}")), "{message}");
    }
    assert_eq!(fails(":80").0, ErrorKind::InvalidInput);
    assert_eq!(fails(("", 80)).0, ErrorKind::InvalidInput);
    assert_eq!(fails("a\0b:80").0, ErrorKind::InvalidInput);
}

#[test]
fn localhost_is_looked_up_on_the_pool() {
    let found = all("localhost:7");
    assert!(!found.is_empty());
    assert!(
        found
            .iter()
            .all(|addr| addr.ip().is_loopback() && addr.port() == 7)
    );
}

#[test]
fn an_unknown_name_is_not_found_and_named() {
    // A label may have at most 63 bytes, so no resolver asks anybody for this.
    let name = format!("{}.invalid", "x".repeat(64));
    let (kind, message) = fails((name.as_str(), 80));
    assert_eq!(kind, ErrorKind::NotFound);
    assert!(
        message.starts_with(&format!("look up {name}:80: ")),
        "{message}"
    );
}

#[test]
fn an_entered_network_answers_for_names() {
    let network = Network::new();
    let ip = IpAddr::from(Ipv4Addr::new(10, 0, 0, 9));
    network.add_host("Db.Test", [ip, Ipv6Addr::LOCALHOST.into()]);
    let _entered = network.enter();
    let expected = [
        (ip, 1).into(),
        (IpAddr::from(Ipv6Addr::LOCALHOST), 1).into(),
    ];
    assert_eq!(all("db.test:1"), expected);
    let (kind, message) = fails("other.test:1");
    assert_eq!(kind, ErrorKind::NotFound);
    assert!(message.starts_with("look up other.test:1: "), "{message}");
    assert_eq!(all("127.0.0.1:1"), ["127.0.0.1:1".parse().unwrap()]);
}
