use super::*;

fn call(args: &[&str]) -> Result<()> {
    run(args.iter().map(OsString::from))
}

fn usage_message(args: &[&str]) -> String {
    match call(args) {
        Err(Error::Usage(message)) => message,
        other => panic!("expected a usage error, got {other:?}"),
    }
}

#[test]
fn an_unknown_verb_is_a_usage_error_that_names_the_verbs() {
    let message = usage_message(&["frobnicate"]);
    assert!(message.contains("`frobnicate`"), "{message}");
    for (name, _, _) in VERBS {
        assert!(message.contains(name), "{message} lacks {name}");
    }
}

#[test]
fn no_verb_is_a_usage_error() {
    assert!(usage_message(&[]).contains("the verbs are"));
}

#[test]
fn stray_arguments_are_usage_errors() {
    usage_message(&["ci", "now"]);
    usage_message(&["tidy", "--blesss"]);
    usage_message(&["loom", "--quick", "--quick"]);
    usage_message(&["bench", "--vs", "--hooks"]);
    usage_message(&["--frobnicate"]);
}

#[test]
fn help_has_one_line_for_each_verb() {
    assert_eq!(help().lines().count(), VERBS.len());
    assert!(call(&["help"]).is_ok());
    assert!(call(&["--help"]).is_ok());
}
