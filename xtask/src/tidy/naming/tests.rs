use super::*;

fn paths_found(paths: &[&str]) -> Vec<String> {
    let paths: Vec<String> = paths.iter().map(|&p| p.to_owned()).collect();
    check_paths(&paths).into_iter().map(|v| v.path).collect()
}

fn marks_found(text: &str) -> usize {
    check_source(&Source::new("crates/x/src/a.rs", text)).len()
}

#[test]
fn telling_names_pass() {
    let paths = [
        "crates/x/src/model.rs",
        "crates/x/src/utility.rs",
        "README.md",
    ];
    assert_eq!(paths_found(&paths), [""; 0]);
}

#[test]
fn empty_names_fail_once_each() {
    assert_eq!(
        paths_found(&["crates/x/src/util.rs"]),
        ["crates/x/src/util.rs"]
    );
    let folder = ["crates/x/tests/common/a.rs", "crates/x/tests/common/b.rs"];
    assert_eq!(paths_found(&folder), ["crates/x/tests/common"]);
    for name in EMPTY_NAMES {
        assert_eq!(paths_found(&[&format!("{name}.rs")]).len(), 1, "{name}");
    }
}

#[test]
fn mod_rs_fails() {
    assert_eq!(
        paths_found(&["crates/x/src/a/mod.rs"]),
        ["crates/x/src/a/mod.rs"]
    );
}

#[test]
fn unfinished_code_fails() {
    assert_eq!(marks_found("fn f() { todo!() }\n"), 1);
    assert_eq!(marks_found("fn f() { std::unimplemented!(\"x\") }\n"), 1);
    assert_eq!(marks_found("let a = dbg!(b);\n"), 1);
    let marks = ["FIX", "XX"].map(|head| [head, if head == "XX" { "X" } else { "ME" }].concat());
    for mark in marks {
        assert_eq!(marks_found(&format!("// {mark}: later\n")), 1, "{mark}");
    }
}

#[test]
fn talk_about_such_marks_passes() {
    assert_eq!(
        marks_found("// Not a todo!() but a comment.\nf(\"todo!()\");\n"),
        0
    );
    assert_eq!(marks_found("my_dbg!(a);\n"), 0);
    assert_eq!(marks_found("let a = \"XXX\";\n"), 0);
}
