use super::*;

fn parse(args: &[&str]) -> Result<Options> {
    Options::parse(&mut lexopt::Parser::from_args(args))
}

#[test]
fn a_summary_and_a_filter_in_any_order() {
    let wanted = Options {
        summary: Summary::Ratios,
        filter: Some("spawn".to_owned()),
        net: None,
    };
    assert_eq!(parse(&["--vs", "spawn"]).unwrap(), wanted);
    assert_eq!(parse(&["spawn", "--vs"]).unwrap(), wanted);
    assert_eq!(parse(&[]).unwrap(), Options::default());
}

#[test]
fn two_summaries_or_filters_are_too_many() {
    assert_eq!(parse(&["--count"]).unwrap().summary, Summary::Count);
    assert_eq!(parse(&["--turns"]).unwrap().summary, Summary::Turns);
    for args in [
        &["--vs", "--hooks"][..],
        &["--count", "--vs"],
        &["--turns", "--count"],
        &["a", "b"],
        &["--frobnicate"],
    ] {
        assert!(matches!(parse(args), Err(Error::Usage(_))), "{args:?}");
    }
}

#[test]
fn the_hooks_are_a_group() {
    let selection = |args: &[&str]| parse(args).unwrap().selection();
    assert_eq!(selection(&["--hooks"]).as_deref(), Some("hooks/"));
    assert_eq!(
        selection(&["--hooks", "leaf"]).as_deref(),
        Some("hooks/leaf")
    );
    assert_eq!(selection(&["--vs", "leaf"]).as_deref(), Some("leaf"));
    assert_eq!(selection(&[]), None);
}
