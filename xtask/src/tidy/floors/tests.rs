use super::*;
use crate::workspace::Dependency;

/// A crate of the house with these normal dependencies.
fn house_crate(name: &str, below: &[&str]) -> Package {
    let dependencies = below.iter().map(|below| edge(below, false)).collect();
    Package {
        name: name.to_owned(),
        dir: format!("crates/{name}"),
        dependencies,
        ..Package::default()
    }
}

fn edge(name: &str, dev: bool) -> Dependency {
    Dependency {
        name: name.to_owned(),
        local: true,
        dev,
    }
}

fn found(packages: &[Package], architecture: &str) -> Vec<String> {
    let violations = check(packages, architecture);
    violations.into_iter().map(|v| v.what).collect()
}

#[test]
fn arrows_that_point_down_pass() {
    let packages = [
        house_crate("sinew", &["sinew-runtime", "sinew-net"]),
        house_crate("sinew-runtime", &["sinew-executor", "sinew-reactor"]),
        house_crate("sinew-executor", &["sinew-task"]),
        house_crate("sinew-net", &["sinew-reactor", "sinew-io"]),
        house_crate("sinew-reactor", &["sinew-core"]),
        house_crate("sinew-task", &["sinew-core"]),
        house_crate("sinew-core", &["sinew-macros"]),
    ];
    assert_eq!(found(&packages, ""), [""; 0]);
}

#[test]
fn an_arrow_that_points_up_fails() {
    let packages = [house_crate("sinew-task", &["sinew-executor"])];
    let found = found(&packages, "");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("arrows point down"), "{found:?}");
}

#[test]
fn an_arrow_within_a_floor_needs_a_reason() {
    let packages = [house_crate("sinew-stream", &["sinew-io"])];
    let found_bare = found(&packages, "");
    assert!(
        found_bare[0].contains("share floor 2"),
        "no reason: {found_bare:?}"
    );
    let elsewhere = "## Codemap\n- `sinew-stream` on `sinew-io`\n";
    assert_eq!(found(&packages, elsewhere).len(), 1);
    let half = "## Edges with a reason\n- `sinew-stream` on `sinew-io-extra`\n";
    assert_eq!(found(&packages, half).len(), 1);
    let excused = "## Edges with a reason\n- `sinew-stream` -> `sinew-io`: lines are streams\n";
    assert_eq!(found(&packages, excused), [""; 0]);
}

#[test]
fn an_unknown_crate_fails() {
    let found_unknown = found(&[house_crate("sinew-quantum", &[])], "");
    assert!(
        found_unknown[0].contains("has no floor"),
        "{found_unknown:?}"
    );
    let found_below = found(&[house_crate("sinew-net", &["xtask"])], "");
    assert!(found_below[0].contains("has no floor"), "{found_below:?}");
}

#[test]
fn an_executor_must_not_be_reached_even_through_others() {
    let packages = [
        house_crate("sinew-net", &["sinew-reactor"]),
        house_crate("sinew-reactor", &["sinew-executor"]),
        house_crate("sinew-executor", &[]),
    ];
    let reason = "## Edges with a reason\n- `sinew-reactor` `sinew-executor`: not a good one\n";
    let found = found(&packages, reason);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("sinew-net -> sinew-reactor -> sinew-executor"),
        "{found:?}"
    );
}

#[test]
fn tests_and_foreign_crates_are_no_arrows() {
    let mut net = house_crate("sinew-net", &[]);
    net.dependencies.push(edge("sinew-testing", true));
    net.dependencies.push(edge("sinew-runtime", true));
    net.dependencies.push(Dependency {
        local: false,
        ..edge("slab", false)
    });
    assert_eq!(found(&[net], ""), [""; 0]);
}

#[test]
fn packages_outside_of_the_house_have_no_floor() {
    let mut example = house_crate("only-reactor", &["sinew-reactor"]);
    example.dir = "examples/only-reactor".to_owned();
    assert_eq!(found(&[example], ""), [""; 0]);
}
