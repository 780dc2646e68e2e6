use super::*;

fn choices_of(features: &[&str]) -> Vec<String> {
    let features: Vec<String> = features.iter().map(|&f| f.to_owned()).collect();
    choices(&features)
}

#[test]
fn a_crate_without_features_is_built_once() {
    assert_eq!(choices_of(&[]), [""]);
}

#[test]
fn each_feature_is_built_alone_and_all_together() {
    assert_eq!(
        choices_of(&["default", "net", "time"]),
        [
            "",
            " --no-default-features",
            " --no-default-features --features net",
            " --no-default-features --features time",
            " --all-features",
        ]
    );
    assert_eq!(
        choices_of(&["net"]),
        ["", " --no-default-features --features net"]
    );
}

#[test]
fn only_published_crates_are_built() {
    let package = |name: &str, published| Package {
        name: name.to_owned(),
        published,
        ..Package::default()
    };
    let workspace = Workspace {
        root: "/w".into(),
        target: "/t".into(),
        rust_version: "1.85".to_owned(),
        packages: vec![package("sinew-io", true), package("xtask", false)],
    };
    assert_eq!(
        commands(&workspace),
        ["clippy -p sinew-io --lib -- -D warnings"]
    );
}
