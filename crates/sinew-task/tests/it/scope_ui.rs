/// What the borrow checker must refuse. The words are the compiler's, and change
/// between its releases: run with `TRYBUILD=overwrite` after a new one.
#[test]
fn what_a_scope_must_not_allow_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/scope/*.rs");
}
