use super::*;

const OUTPUT: &str = "\
running 4 tests
test a ... ok
test b ... FAILED
test c ... ignored
test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s

   Doc-tests sinew
test result: ok. 30 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.20s
all doctests ran in 2.51s; merged doctests compilation took 1.31s
";

#[test]
fn the_counts_of_all_runs_are_added() {
    let mut tally = Tally::default();
    OUTPUT.lines().for_each(|line| tally.see(line));
    assert_eq!(tally.to_string(), "32 passed, 1 failed, 3 skipped");
    assert_eq!(tally.run(), 33);
}

#[test]
fn other_lines_change_nothing() {
    let mut tally = Tally::default();
    for line in [
        "",
        "3 passed",
        "test result",
        "test result: ok.",
        "test result: x passed;",
    ] {
        tally.see(line);
    }
    assert_eq!(tally, Tally::default());
}

#[test]
fn a_broken_step_is_a_failure_once() {
    let mut tally = Tally::default();
    tally.count_broken_step();
    assert_eq!(tally.to_string(), "0 passed, 1 failed, 0 skipped");
    tally.see("test result: FAILED. 0 passed; 2 failed; 0 ignored");
    tally.count_broken_step();
    assert_eq!(tally.to_string(), "0 passed, 3 failed, 0 skipped");
}
