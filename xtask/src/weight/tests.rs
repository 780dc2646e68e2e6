use super::*;

fn weight(crates: usize, seconds: f64, kibibytes: u64) -> Weight {
    Weight {
        crates,
        builds: vec![seconds + 1.0, seconds - 1.0, seconds],
        binary: kibibytes * 1024,
    }
}

#[test]
fn foreign_crates_are_counted_once_by_version() {
    let tree = "\
hello-sinew v0.0.0 (/tmp/hello)
sinew v0.1.0 (/w/crates/sinew)
sinew-macros v0.1.0 (proc-macro) (/w/crates/sinew-macros)
syn v2.0.1
syn v1.0.0
quote v1.0.0
quote v1.0.0 (*)
pin-project v1.0.0 (proc-macro)
pin-project v1.0.0 (proc-macro) (*)
";
    assert_eq!(foreign_crates(tree), 4);
}

#[test]
fn the_table_has_a_line_for_each() {
    let subjects = subjects(Path::new("/w/crates/sinew"));
    let weights = vec![weight(20, 5.0, 400); subjects.len()];
    let table = table(&subjects, &weights);
    assert_eq!(table.lines().count(), 2 + subjects.len());
    assert!(
        table.contains("| sinew | 20 | 5.0 s (4.0 to 6.0) | 400 KiB |"),
        "{table}"
    );
}

#[test]
fn each_bound_is_judged() {
    let peers = [
        weight(19, 6.0, 600),
        weight(15, 5.0, 528),
        weight(30, 4.0, 500),
    ];
    let judged = |sinew: Weight| {
        let weights = [&[sinew][..], &peers].concat();
        let text = verdicts(&weights);
        let words = text
            .lines()
            .map(|l| l.split(':').next().unwrap_or_default());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(judged(weight(24, 6.0, 528)), ["within", "within", "within"]);
    assert_eq!(judged(weight(25, 6.1, 529)), ["OVER", "OVER", "OVER"]);
}

#[test]
fn the_order_of_the_subjects_is_that_of_the_constants() {
    let names = subjects(Path::new("/w")).map(|subject| subject.name);
    assert_eq!(names[SINEW], "sinew");
    assert_eq!(names[TOKIO_FULL], "tokio-full");
    assert_eq!(names[TOKIO_THREADS], "tokio-multi-thread");
}

#[test]
fn each_manifest_is_a_workspace_of_its_own() {
    for subject in subjects(Path::new("/w/crates/sinew")) {
        let text = manifest(&subject);
        assert!(text.contains("strip = true") && text.ends_with("[workspace]\n"));
        assert!(text.contains(&subject.dependency), "{text}");
    }
}
