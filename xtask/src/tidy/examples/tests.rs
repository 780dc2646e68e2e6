use super::*;

#[test]
fn a_program_without_a_row_is_a_violation() {
    let files = [
        "examples/book/examples/one.rs",
        "examples/book/examples/two.rs",
        "examples/book/src/lib.rs",
    ]
    .map(str::to_owned);
    let table = "| one | [one](book/examples/one.rs) | the first |";
    let found = check(&files, "examples/book/examples", table);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "examples/book/examples/two.rs");
}
