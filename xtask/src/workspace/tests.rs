use super::*;

const METADATA: &str = r#"{
  "workspace_root": "/w",
  "target_directory": "/t",
  "packages": [
    {
      "name": "sinew-net",
      "manifest_path": "/w/crates/sinew-net/Cargo.toml",
      "description": "sockets",
      "license": "MIT OR Apache-2.0",
      "publish": null,
      "features": {"default": [], "dns": []},
      "targets": [
        {"kind": ["test"], "src_path": "/w/crates/sinew-net/tests/it/main.rs"},
        {"kind": ["lib"], "src_path": "/w/crates/sinew-net/src/lib.rs"}
      ],
      "dependencies": [
        {"name": "sinew-io", "kind": null, "path": "/w/crates/sinew-io"},
        {"name": "socket2", "kind": null},
        {"name": "smol", "kind": "dev"},
        {"name": "loom", "kind": null, "target": "cfg(sinew_loom)"}
      ]
    },
    {
      "name": "xtask",
      "manifest_path": "/w/xtask/Cargo.toml",
      "description": null,
      "publish": [],
      "features": {},
      "targets": [{"kind": ["bin"], "src_path": "/w/xtask/src/main.rs"}],
      "dependencies": []
    }
  ]
}"#;

#[test]
fn metadata_is_read() {
    let workspace = Workspace::parse(METADATA).unwrap();
    assert_eq!(workspace.root, Path::new("/w"));
    assert_eq!(workspace.target, Path::new("/t"));
    let [net, xtask] = workspace.packages.as_slice() else {
        panic!("expected two packages");
    };

    assert_eq!(net.dir, "crates/sinew-net");
    assert_eq!(net.manifest(), "crates/sinew-net/Cargo.toml");
    assert!(net.is_house_crate() && net.published);
    assert_eq!(net.lib.as_deref(), Some("crates/sinew-net/src/lib.rs"));
    assert_eq!(net.features, ["default", "dns"]);
    let flags: Vec<_> = net
        .dependencies
        .iter()
        .map(|d| (d.name.as_str(), d.local, d.dev))
        .collect();
    assert_eq!(
        flags,
        [
            ("sinew-io", true, false),
            ("socket2", false, false),
            ("smol", false, true),
            ("loom", false, true)
        ]
    );

    assert!(!xtask.published && !xtask.is_house_crate());
    assert_eq!(xtask.lib, None);
    assert_eq!(workspace.published().count(), 1);
}

#[test]
fn bad_json_is_an_error() {
    assert!(Workspace::parse("{").is_err());
}
