use super::{below, enter, next, seed, turn};

#[test]
fn equal_seeds_repeat() {
    seed(42);
    let first: Vec<u32> = (0..100).map(|_| below(1000)).collect();
    seed(42);
    let again: Vec<u32> = (0..100).map(|_| below(1000)).collect();
    assert_eq!(first, again);
    seed(43);
    let other: Vec<u32> = (0..100).map(|_| below(1000)).collect();
    assert_ne!(first, other);
}

#[test]
fn stays_in_range_and_is_even() {
    seed(7);
    assert_eq!(below(0), 0);
    assert_eq!(below(1), 0);
    let mut counts = [0u32; 8];
    for _ in 0..80_000 {
        counts[below(8) as usize] += 1;
    }
    for count in counts {
        assert!((9_500..=10_500).contains(&count), "{counts:?}");
    }
}

#[test]
fn a_zero_seed_works_and_threads_differ() {
    seed(0);
    assert_ne!(next(), next());
    let mine = std::thread::spawn(next).join().unwrap();
    let other = std::thread::spawn(next).join().unwrap();
    assert_ne!(mine, other);
}

#[test]
fn a_generator_that_was_entered_leaves_the_one_before_untouched() {
    seed(1);
    let expected = [next(), next()];
    seed(1);
    let first = next();
    let inner = {
        let _seeded = enter(2);
        next()
    };
    assert_eq!([first, next()], expected);
    seed(2);
    assert_eq!(next(), inner);
}

#[test]
fn each_has_its_turns_also_in_one_of_several_races() {
    assert_eq!(turn(0), 0);
    assert_eq!(turn(1), 0);
    for races in 1..=8 {
        for n in [2_u32, 3, 8, 64] {
            let rounds = 1_000 * n;
            let mut counts = vec![0_u32; n as usize];
            for _ in 0..rounds {
                counts[turn(n) as usize] += 1;
                for _ in 1..races {
                    let _ = turn(n);
                }
            }
            assert!(
                counts.iter().all(|count| (950..=1_050).contains(count)),
                "{counts:?}"
            );
        }
    }
}

#[test]
fn turns_repeat_with_a_seed_and_go_on_after_another() {
    let turns = || (0..100).map(|_| turn(8)).collect::<Vec<_>>();
    seed(42);
    let all = [turns(), turns()].concat();
    seed(42);
    let mut again = turns();
    {
        let _seeded = enter(7);
        assert_ne!(turns(), all[..100]);
    }
    again.extend(turns());
    assert_eq!(again, all);
}
