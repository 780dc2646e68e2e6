//! Programs that must not compile, with the errors that the user sees.
//!
//! The messages of the compiler change between releases. After a new one, run
//! with `TRYBUILD=overwrite` and read the difference: each error must point at
//! the line of the user's mistake.

#[test]
fn errors_point_at_the_user() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/main/*.rs");
    cases.compile_fail("tests/ui/test/*.rs");
    cases.compile_fail("tests/ui/select/*.rs");
}
