//! Branches that do not have the type that they must have.

use sinew_core::select;

async fn one() -> u32 {
    1
}

async fn not_a_future() {
    select! {
        _ = one() => {}
        _ = 1 + 1 => {}
    }
}

async fn pattern_of_another_type() {
    select! {
        Some(_) = one() => {}
        else => {}
    }
}

async fn handlers_disagree() -> u32 {
    select! {
        n = one() => n,
        _ = one() => "two",
    }
}

async fn condition_is_no_bool() {
    select! {
        _ = one(), if 1 => {}
        else => {}
    }
}

async fn question_mark() {
    select! {
        n = one() => { let _: u32 = n.try_into()?; }
    }
}

async fn question_mark_without_a_type() {
    select! {
        result = async {
            u8::try_from(1_u32)?;
            Ok(())
        } => drop(result),
    }
}

#[expect(non_upper_case_globals)]
const limit: u32 = 1;

async fn constant_taken_for_a_binding() {
    select! {
        (limit, 1) = async { (1, 1) } => {}
        else => {}
    }
}

fn main() {}
