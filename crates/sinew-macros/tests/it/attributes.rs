//! `main` and `test`: what they build, and what they leave as it was.

use std::fmt::Debug;
use std::io;

use crate::own::built;

#[sinew_macros::main(crate = "crate")]
async fn by_default() -> Vec<String> {
    built()
}

#[sinew_macros::main(crate = "crate", flavor = "multi_thread", worker_threads = 3)]
async fn three_workers() -> Vec<String> {
    built()
}

#[sinew_macros::main(crate = "crate", flavor = "current_thread", start_paused = true)]
async fn paused() -> Vec<String> {
    built()
}

#[sinew_macros::main(crate = "crate", flavor = "local")]
async fn local() -> Vec<String> {
    built()
}

#[test]
fn the_options_reach_the_builder() {
    assert_eq!(by_default(), ["multi_thread", "enable_all", "build"]);
    assert_eq!(
        three_workers(),
        ["multi_thread", "worker_threads(3)", "enable_all", "build"]
    );
    assert_eq!(
        paused(),
        [
            "current_thread",
            "start_paused(true)",
            "enable_all",
            "build"
        ]
    );
    assert_eq!(local(), ["current_thread", "enable_all", "build_local"]);
}

#[sinew_macros::test(crate = "crate")]
async fn a_test_is_current_thread_by_default() {
    assert_eq!(built(), ["current_thread", "enable_all", "build"]);
}

#[sinew_macros::test(crate = "crate", flavor = "multi_thread", worker_threads = 2)]
async fn a_test_takes_the_same_options() {
    assert_eq!(
        built(),
        ["multi_thread", "worker_threads(2)", "enable_all", "build"]
    );
}

#[sinew_macros::test(crate = "crate", timeout = "250ms")]
async fn a_timeout_in_milliseconds() {
    assert_eq!(built().last().unwrap(), "timeout(250ms)");
}

#[sinew_macros::test(crate = "crate", timeout = "5s")]
async fn a_timeout_in_seconds() -> io::Result<()> {
    assert_eq!(built().last().unwrap(), "timeout(5s)");
    Ok(())
}

#[sinew_macros::test(crate = "crate", timeout = "2m")]
async fn a_timeout_in_minutes() {
    assert_eq!(built().last().unwrap(), "timeout(120s)");
}

#[sinew_macros::test(crate = "crate")]
#[should_panic(expected = "on purpose")]
async fn other_attributes_stay() {
    panic!("on purpose");
}

#[sinew_macros::test(crate = "crate")]
#[ignore = "not to be run"]
async fn ignored_tests_are_ignored() {
    panic!("this test is ignored");
}

/// Documentation stays.
#[sinew_macros::test(crate = "crate")]
async fn a_test_may_give_a_result() -> Result<(), Box<dyn std::error::Error>> {
    let number: u32 = "1".parse()?;
    assert_eq!(number, 1);
    Ok(())
}

#[sinew_macros::test(crate = "crate")]
async fn a_test_may_return_early() -> io::Result<()> {
    if built().len() > 1 {
        return Ok(());
    }
    Err(io::Error::other("not reached"))
}

#[sinew_macros::test(crate = "crate")]
async fn a_test_may_give_what_has_no_name() -> impl std::process::Termination {}

#[sinew_macros::test(crate = "crate")]
async fn inner_attributes_move_out() {
    #![expect(unused_variables, reason = "to see that the attribute arrives")]
    let unused = 1;
}

#[sinew_macros::main(crate = "crate")]
async fn with_arguments<T: Debug>(value: &T, times: usize) -> String {
    async { format!("{value:?}").repeat(times) }.await
}

#[sinew_macros::main(crate = "crate")]
async fn borrowing(text: &str) -> &str {
    text.trim()
}

#[sinew_macros::main(crate = "crate")]
async fn unnamed() -> impl Iterator<Item = u32> {
    [1, 2].into_iter()
}

#[sinew_macros::main(crate = "crate")]
async fn never() -> ! {
    panic!("on purpose")
}

#[test]
fn functions_with_arguments_and_any_return_type() {
    assert_eq!(with_arguments(&1, 3), "111");
    assert_eq!(borrowing(" x "), "x");
    assert_eq!(unnamed().sum::<u32>(), 3);
    std::panic::catch_unwind(|| never()).unwrap_err();
}

#[test]
fn methods_of_traits() {
    trait Runs {
        fn start(self) -> u32;
        fn inner(self) -> u32;
    }
    impl Runs for u32 {
        #[sinew_macros::main(crate = "crate")]
        async fn start(self) -> u32 {
            self.inner()
        }

        fn inner(self) -> u32 {
            self + 1
        }
    }
    assert_eq!(1.start(), 2);
}

/// Names that generated code could be thought to use.
mod shadowed {
    #![expect(dead_code, reason = "they are only there to be in the way")]

    struct Default;
    struct Builder;
    mod core {}
    mod std {}

    #[sinew_macros::test(crate = "crate", flavor = "local", timeout = "5s")]
    async fn generated_code_does_not_see_them() {
        let body = 1;
        assert_eq!(body, 1);
    }
}

/// An attribute written by a `macro_rules`.
mod written_by_a_macro {
    macro_rules! make {
        (async fn $name:ident() $body:block) => {
            #[sinew_macros::test(crate = "crate")]
            async fn $name() {
                $body
            }
        };
    }

    make!(
        async fn made() {}
    );
}

/// Bodies that could set off lints in the user's crate.
mod lints {
    #![deny(
        warnings,
        unused_braces,
        clippy::all,
        clippy::pedantic,
        clippy::unwrap_used,
        clippy::expect_used
    )]

    #[rustfmt::skip]
    #[sinew_macros::test(crate = "crate")]
    async fn one_line() { assert_eq!(1 + 1, 2) }

    #[sinew_macros::test(crate = "crate")]
    async fn empty() {}

    #[sinew_macros::test(crate = "crate")]
    async fn items_first() {
        fn two() -> u32 {
            2
        }
        assert_eq!(two(), 2);
    }

    #[sinew_macros::test(crate = "crate")]
    async fn let_last() {
        let () = ();
    }

    #[expect(unreachable_code, reason = "what the test is about")]
    #[sinew_macros::test(crate = "crate")]
    async fn ends_early() -> std::io::Result<()> {
        return Ok(());
        panic!();
    }
}
