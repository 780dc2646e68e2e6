use std::num::NonZeroUsize;

use super::{Args, Command, parse};

#[test]
fn nothing_means_the_defaults() {
    let expected = Command::Serve(Args::default());
    assert_eq!(parse([] as [&str; 0]).unwrap(), expected);
}

#[test]
fn all_options() {
    let line = ["--addr", "[::1]:0", "--workers=3", "--root", "/srv"];
    let expected = Command::Serve(Args {
        addr: "[::1]:0".to_owned(),
        workers: NonZeroUsize::new(3),
        root: Some("/srv".into()),
    });
    assert_eq!(parse(line).unwrap(), expected);
}

#[test]
fn help_wins_over_what_follows() {
    assert_eq!(parse(["-h", "--nonsense"]).unwrap(), Command::Help);
    assert_eq!(parse(["--help"]).unwrap(), Command::Help);
}

#[test]
fn mistakes_are_named() {
    for (line, word) in [
        (&["--port"][..], "--port"),
        (&["--workers", "0"], "0"),
        (&["--workers", "many"], "many"),
        (&["--addr"], "--addr"),
        (&["stray"], "stray"),
    ] {
        let error = parse(line).unwrap_err().to_string();
        assert!(error.contains(word), "{line:?}: {error}");
    }
}
