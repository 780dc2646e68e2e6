//! Branches that are not written as they must be.

use sinew_core::select;

async fn one() -> u32 {
    1
}

async fn missing_comma() {
    select! {
        n = one() => println!("{n}")
        _ = one() => {}
    }
}

async fn missing_pattern() {
    select! {
        one() => {}
    }
}

async fn missing_handler() {
    select! {
        n = one(),
    }
}

async fn condition_without_if() {
    select! {
        n = one(), true => {}
    }
}

async fn else_first() {
    select! {
        else => {}
        n = one() => {}
    }
}

async fn nothing() {
    select! {}
}

async fn only_biased() {
    select! { biased; }
}

fn main() {}
