//! `select!` in a runtime: the shares of its branches, and a seed.

use sinew::runtime::{Builder, RngSeed};

const ROUNDS: usize = 10_000;

/// Which of eight ready branches wins, round by round.
async fn winners() -> Vec<usize> {
    let mut winners = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        winners.push(sinew::select! {
            _ = async {} => 0,
            _ = async {} => 1,
            _ = async {} => 2,
            _ = async {} => 3,
            _ = async {} => 4,
            _ = async {} => 5,
            _ = async {} => 6,
            _ = async {} => 7,
        });
    }
    winners
}

#[sinew::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_eight_ready_branches_wins_an_eighth() {
    let winners = sinew::spawn(winners()).await.unwrap();
    for branch in 0..8 {
        let won = winners.iter().filter(|winner| **winner == branch).count();
        // 12.5 % ± 2: six standard deviations.
        assert!((1_050..=1_450).contains(&won), "{branch} won {won} times");
    }
}

#[test]
fn a_seeded_runtime_repeats_its_choices() {
    let run = |seed: &[u8]| {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.rng_seed(RngSeed::from_bytes(seed)).build().unwrap();
        runtime.block_on(async { (winners().await, sinew::spawn(winners()).await.unwrap()) })
    };
    assert_eq!(run(b"one"), run(b"one"));
    assert_ne!(run(b"one"), run(b"two"));
}
