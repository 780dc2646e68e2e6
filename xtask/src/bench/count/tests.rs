use super::*;

#[test]
fn rows_are_three_words() {
    let listed = rows("rt-local/yield sinew 200000\nnot a row\n\nrt-local/ring tokio 5\n");
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].name, "rt-local/yield");
    assert_eq!(listed[0].subject, "sinew");
    assert_eq!(listed[1].operations, 5);
}

#[test]
fn counts_are_what_valgrind_collected() {
    let said = "==1== Callgrind\n==1== \n==1== Events    : Ir Ge\n==1== Collected : 90066752 33\n";
    let found = counts(said).unwrap();
    assert_eq!(found.instructions, 90_066_752.0);
    assert_eq!(found.locked, 33.0);
    assert_eq!(counts("==1== Collected : 5"), None);
    assert_eq!(counts("valgrind: no such program"), None);
}

#[test]
fn the_table_has_a_line_for_each_subject() {
    let counts = Counts {
        instructions: 133.7,
        locked: 0.034,
    };
    let table = BTreeMap::from([(("rt-local/yield".to_owned(), "sinew".to_owned()), counts)]);
    let shown = show(&table);
    assert!(
        shown.ends_with("| rt-local/yield | sinew | 134 | 0.03 |\n"),
        "{shown}"
    );
}
