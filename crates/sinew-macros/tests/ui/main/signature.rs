//! Functions that the attribute cannot take.

#[sinew_macros::main]
fn not_async() {}

#[sinew_macros::main]
struct NotAFunction;

mod inner {
    #[sinew_macros::main]
    async fn main(_arguments: Vec<String>) {}
}

fn main() {}
