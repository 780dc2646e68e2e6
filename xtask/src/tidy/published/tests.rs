use super::*;

const LIB: (&str, &str) = (
    "crates/sinew-x/src/lib.rs",
    "//! Does x.\n//!\n//! # When not to use this crate\n//!\n//! For y.\n",
);

fn package() -> Package {
    Package {
        name: "sinew-x".to_owned(),
        dir: "crates/sinew-x".to_owned(),
        description: "Does x".to_owned(),
        license: "MIT OR Apache-2.0".to_owned(),
        published: true,
        ..Package::default()
    }
}

fn found(package: &Package, lib: Option<(&str, &str)>) -> Vec<String> {
    let violations = check(package, lib);
    violations.into_iter().map(|v| v.what).collect()
}

fn assert_finds(package: &Package, lib: Option<(&str, &str)>, part: &str) {
    let found = found(package, lib);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(part), "{found:?}");
}

#[test]
fn a_crate_that_says_what_it_is_passes() {
    assert_eq!(found(&package(), Some(LIB)), [""; 0]);
}

#[test]
fn a_manifest_without_description_or_license_fails() {
    let mut bare = package();
    bare.description = " ".to_owned();
    assert_finds(&bare, Some(LIB), "description");
    let mut bare = package();
    bare.license.clear();
    assert_finds(&bare, Some(LIB), "license");
}

#[test]
fn a_library_without_docs_fails() {
    let text = LIB.1;
    let late = format!("mod a;\n{text}");
    assert_finds(&package(), Some((LIB.0, &late)), "begin with");
    let silent = (LIB.0, "//! Does x.\n// When not to use\n");
    assert_finds(&package(), Some(silent), "When not to use");
    assert_finds(&package(), None, "library");
}

#[test]
fn packages_outside_of_the_house_are_not_published() {
    let mut example = package();
    example.dir = "examples/x".to_owned();
    assert_finds(&example, None, "publish = false");
    example.published = false;
    assert_eq!(found(&example, None), [""; 0]);
}
