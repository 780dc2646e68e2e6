//! The procedural macros of sinew: the attributes [`main`](macro@main) and
//! [`test`](macro@test), and the part of `select!` that `macro_rules` cannot do.
//!
//! Programs use them through the facade, as `sinew::main`, `sinew::test` and
//! `sinew::select!`.
//!
//! # When not to use this crate
//!
//! Do not depend on it directly: what it writes refers to `::sinew`, or to
//! whatever the `crate` option names. `join!`, `try_join!`, `race!` and `pin!`
//! need no procedural macro; they are in `sinew-core`, which pulls in neither
//! this crate nor `syn` unless its feature `macros` is on.
//!
//! # Example
//!
//! ```
//! # use sinew_macros as sinew;
//! # mod own { pub mod runtime {
//! #     pub struct Builder;
//! #     impl Builder {
//! #         pub fn new_multi_thread() -> Builder { Builder }
//! #         pub fn enable_all(&mut self) -> &mut Builder { self }
//! #         pub fn build(&mut self) -> std::io::Result<Builder> { Ok(Builder) }
//! #         pub fn block_on<F: Future>(&self, future: F) -> F::Output { sinew_core::block_on(future) }
//! #     }
//! # } }
//! // With the facade: `#[sinew::main]`. Any crate or module with a
//! // `runtime::Builder` can stand in for it.
//! #[sinew::main(crate = "crate::own")]
//! async fn main() {
//!     assert_eq!(async { 1 + 1 }.await, 2);
//! }
//! ```

mod entry;
mod select;

use proc_macro::TokenStream;

/// Runs an async function on a runtime made for it.
///
/// The function becomes a synchronous one that builds a runtime, blocks on the
/// body and shuts the runtime down when the body has ended. It need not be
/// called `main`, and if it is not, it may take arguments.
///
/// # Options
///
/// | option | meaning | default |
/// |---|---|---|
/// | `flavor = "multi_thread"` | one worker for each core | yes |
/// | `flavor = "current_thread"` | everything on the calling thread | |
/// | `flavor = "local"` | the same, and `spawn_local` works anywhere on it | |
/// | `worker_threads = N` | the number of workers; with `multi_thread` only | one for each core |
/// | `start_paused = true` | the clock starts paused, on any flavor | `false` |
/// | `name = "…"` | what the runtime is called, as `Handle::name` gives it | none |
/// | `unhandled_panic = "shutdown_runtime"` | a task's panic ends the runtime, and the function panics | `"ignore"` |
/// | `crate = "path"` | where the generated code finds sinew | `::sinew` |
///
/// # Panics
///
/// The resulting function panics if the runtime cannot be built, and passes on
/// a panic of the body.
///
/// # Examples
///
/// ```ignore (needs the facade crate, which is above this one)
/// #[sinew::main(worker_threads = 2)]
/// async fn main() -> std::io::Result<()> {
///     let listener = sinew::net::TcpListener::bind("127.0.0.1:0").await?;
///     println!("listening on {}", listener.local_addr()?);
///     Ok(())
/// }
/// ```
///
/// which is the same as
///
/// ```ignore (needs the facade crate, which is above this one)
/// fn main() -> std::io::Result<()> {
///     sinew::runtime::Builder::new_multi_thread()
///         .worker_threads(2)
///         .enable_all()
///         .build()
///         .expect("Failed building the Runtime")
///         .block_on(async {
///             let listener = sinew::net::TcpListener::bind("127.0.0.1:0").await?;
///             println!("listening on {}", listener.local_addr()?);
///             Ok(())
///         })
/// }
/// ```
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Attribute::Main, args.into(), item.into()).into()
}

/// Makes a test of an async function: it runs on a runtime of its own.
///
/// Other attributes stay, so `#[ignore]` and `#[should_panic]` work, and so do
/// return types like `Result<(), E>`.
///
/// # Options
///
/// Those of [`main`](macro@main), with `flavor = "current_thread"` as the
/// default, and one more:
///
/// | option | meaning | default |
/// |---|---|---|
/// | `timeout = "5s"` | the test fails if it takes longer; a whole number of `ms`, `s` or `m` | none |
///
/// # Examples
///
/// ```ignore (needs the facade crate, which is above this one)
/// #[sinew::test(start_paused = true, timeout = "5s")]
/// async fn a_long_sleep_takes_no_time_on_a_paused_clock() {
///     sinew::time::sleep(std::time::Duration::from_secs(3600)).await;
/// }
/// ```
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(entry::Attribute::Test, args.into(), item.into()).into()
}

/// The body of `sinew_core::select!`, which passes its own path first.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    select::expand(input.into()).into()
}
