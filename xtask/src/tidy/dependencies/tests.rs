use super::*;
use crate::workspace::Dependency;

/// A published crate with one normal foreign dependency, one for tests and
/// one in the house.
fn package() -> Package {
    let dependency = |name: &str, local, dev| Dependency {
        name: name.to_owned(),
        local,
        dev,
    };
    Package {
        name: "sinew-x".to_owned(),
        dir: "crates/sinew-x".to_owned(),
        published: true,
        dependencies: vec![
            dependency("slab", false, false),
            dependency("loom", false, true),
            dependency("sinew-core", true, false),
        ],
        ..Package::default()
    }
}

fn found(packages: &[Package], architecture: &str) -> Vec<(String, String)> {
    let violations = check(packages, architecture);
    violations.into_iter().map(|v| (v.path, v.what)).collect()
}

#[test]
fn a_dependency_with_a_reason_passes() {
    let text = "## Dependencies\n- `slab`: keys for sources\n";
    assert_eq!(found(&[package()], text), []);
}

#[test]
fn a_dependency_without_a_reason_fails() {
    for text in [
        "",
        "## Codemap\n- `slab`: keys\n",
        "## Dependencies\nslab: keys\n",
    ] {
        let found = found(&[package()], text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "crates/sinew-x/Cargo.toml");
        assert!(found[0].1.contains("`slab` has no reason"), "{found:?}");
    }
    let silent = found(&[package()], "## Dependencies\n- `slab`\n");
    assert!(silent[0].1.contains("give the reason"), "{silent:?}");
}

#[test]
fn a_stale_reason_fails() {
    let text = "## Dependencies\n- `slab`: keys\n- `loom`: models\n";
    let found = found(&[package()], text);
    assert_eq!(found.len(), 1);
    assert!(found[0].1.contains("`loom`: drop it"), "{found:?}");
}

#[test]
fn packages_that_are_not_published_need_no_reasons() {
    let mut bench = package();
    bench.published = false;
    assert_eq!(found(&[bench], ""), []);
}
