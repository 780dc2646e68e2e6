use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{HORIZON, KEPT, Key, Slack, Wheel};

const MS: u64 = 1_000_000;
const DAY: u64 = 86_400_000 * MS;

fn drain<T>(wheel: &mut Wheel<T>, now: u64) -> Vec<T> {
    std::iter::from_fn(|| wheel.pop_due(now).map(|(_, value)| value)).collect()
}

#[test]
fn nothing_is_due_before_its_nanosecond() {
    for deadline in [1, 2, 65_535, 65_536, 65_537, MS, DAY, 400 * DAY, u64::MAX] {
        let mut wheel = Wheel::new();
        wheel.insert(deadline, ());
        assert_eq!(wheel.next_deadline(), Some(deadline));
        assert!(wheel.pop_due(deadline - 1).is_none(), "{deadline}");
        assert_eq!(wheel.next_deadline(), Some(deadline));
        assert_eq!(wheel.pop_due(deadline), Some((deadline, ())));
        assert_eq!(wheel.next_deadline(), None);
        assert_eq!(wheel.len(), 0);
    }
}

#[test]
fn entries_come_in_the_order_of_their_deadlines() {
    let mut wheel = Wheel::new();
    let deadlines = [5 * DAY, 3, 60 * DAY, 70_000, 1, MS, 2 * MS, 2, 9_000 * DAY];
    for deadline in deadlines {
        wheel.insert(deadline, deadline);
    }
    let mut sorted = deadlines;
    sorted.sort_unstable();
    assert_eq!(drain(&mut wheel, u64::MAX), sorted);
}

#[test]
fn equal_deadlines_come_in_the_order_of_insertion() {
    let mut wheel = Wheel::new();
    let keys: Vec<_> = (0..10).map(|n| wheel.insert(7 * MS, n)).collect();
    wheel.insert(3 * MS, 100);
    assert_eq!(drain(&mut wheel, 3 * MS), [100]);
    wheel.insert(7 * MS, 10);
    assert!(wheel.reset(keys[4], 7 * MS));
    assert_eq!(
        drain(&mut wheel, 7 * MS),
        [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 4]
    );
}

#[test]
fn passed_deadlines_are_due_at_once() {
    let mut wheel = Wheel::new();
    assert!(drain::<u8>(&mut wheel, DAY).is_empty());
    assert_eq!(wheel.elapsed(), DAY);
    wheel.insert(DAY + 5, 3);
    wheel.insert(0, 1);
    wheel.insert(5, 2);
    assert_eq!(wheel.next_deadline(), Some(0));
    assert_eq!(drain(&mut wheel, DAY), [1, 2]);
    assert_eq!(wheel.next_deadline(), Some(DAY + 5));
}

#[test]
fn keys_of_entries_that_are_gone_name_nothing() {
    let mut wheel = Wheel::new();
    let first = wheel.insert(1, 'a');
    assert_eq!(wheel.remove(first), Some('a'));
    let second = wheel.insert(2, 'b');
    assert_eq!(wheel.remove(first), None);
    assert!(!wheel.reset(first, 9));
    assert!(wheel.get_mut(first).is_none());
    assert!(wheel.deadline(second).is_some());
    assert!(wheel.deadline(Key::unused(0)).is_none());
    assert_eq!(wheel.pop_due(2), Some((2, 'b')));
    assert!(wheel.deadline(second).is_none());
}

#[test]
fn a_crowded_far_slot_gives_its_start_then_the_exact_deadline() {
    let mut wheel = Wheel::new();
    for n in 0..100 {
        wheel.insert(DAY + n, ());
    }
    let first = wheel.insert(DAY - 1, ());
    wheel.remove(first);
    let mut wakes = 0;
    loop {
        let now = wheel.next_deadline().expect("entries are left");
        assert!(now <= DAY);
        wakes += 1;
        if wheel.pop_due(now).is_some() {
            assert_eq!(now, DAY);
            break;
        }
    }
    assert!(wakes <= 7, "one look for each level at most, {wakes} taken");
    assert_eq!(wheel.exact_deadline(), Some(DAY + 1));
}

#[test]
fn the_exact_deadline_is_exact_in_crowded_slots() {
    let mut wheel = Wheel::new();
    for n in (0..100).rev() {
        wheel.insert(DAY + n, ());
    }
    assert_eq!(wheel.exact_deadline(), Some(DAY));
}

#[test]
fn a_jump_over_all_of_time_takes_few_steps() {
    let mut wheel = Wheel::new();
    for period in [1, 2, 5, 4_000] {
        wheel.insert(period << HORIZON, period);
    }
    wheel.insert(u64::MAX, 0);
    assert_eq!(drain(&mut wheel, u64::MAX - 1), [1, 2, 5, 4_000]);
    assert_eq!(wheel.next_deadline(), Some(u64::MAX));
    assert_eq!(drain(&mut wheel, u64::MAX), [0]);
    wheel.insert(u64::MAX, 1);
    assert_eq!(drain(&mut wheel, u64::MAX), [1]);
}

#[test]
fn emptying_returns_every_entry() {
    let mut wheel = Wheel::new();
    for deadline in [1, MS, DAY, 100 * DAY, u64::MAX] {
        wheel.insert(deadline, ());
    }
    assert_eq!(std::iter::from_fn(|| wheel.pop_any()).count(), 5);
    assert_eq!((wheel.len(), wheel.next_deadline()), (0, None));
}

#[test]
fn places_are_used_again() {
    let mut wheel = Wheel::new();
    for round in 0..10 {
        let keys: Vec<_> = (0..1000).map(|n| wheel.insert(n * MS, n)).collect();
        assert!(keys.iter().all(|key| key.index() < 1000), "round {round}");
        for key in keys {
            assert!(wheel.remove(key).is_some());
        }
    }
}

#[test]
fn entries_with_slack_share_a_wake_up() {
    let (second, slack) = (1000 * MS, 1 << 20);
    let lax = Slack::of_span(second);
    assert_eq!(lax.latest(0), slack);
    let mut wheel = Wheel::new();
    for n in 0..10 {
        wheel.insert_slack(second + n * slack / 8, lax, n);
    }
    assert_eq!(wheel.next_deadline(), Some(second));
    assert_eq!(wheel.next_wake(), Some(second + slack));
    // The same once they are in slots of the lowest level.
    assert!(drain(&mut wheel, second - 1).is_empty());
    assert_eq!(wheel.next_wake(), Some(second + slack));
    assert_eq!(drain(&mut wheel, second + slack).len(), 9);
    drain(&mut wheel, second + 2 * slack);
    let strict = wheel.insert(2 * second - 1, 10);
    wheel.insert_slack(2 * second - 2, lax, 11);
    wheel.insert_slack(2 * second, lax, 12);
    assert_eq!(wheel.next_wake(), Some(2 * second - 1), "one has no slack");
    wheel.remove(strict);
    assert_eq!(wheel.next_wake(), Some(2 * second));
}

/// Their tasks' work is the same whenever it is done, but each wake-up costs some.
#[test]
fn sleeps_that_end_close_together_share_a_wake_up_each_millisecond() {
    const COUNT: u64 = 100_000;
    let mut wheel = Wheel::new();
    for n in 0..COUNT {
        // Made a microsecond apart, in no order; they end within a second, from 0.4 s on.
        let deadline = 400 * MS + n * 77_773 % COUNT * 10_000;
        let slack = Slack::of_span(deadline - n * 1_000);
        wheel.insert_slack(deadline, slack, deadline);
    }
    let (mut wake_ups, mut count) = (0, 0);
    while let Some(wake) = wheel.next_wake() {
        wake_ups += 1;
        // As late as the system is.
        for deadline in drain(&mut wheel, wake + 55_000) {
            count += 1;
            assert!(wake <= deadline + (1 << 20));
        }
    }
    assert_eq!(count, COUNT);
    assert!(wake_ups < 1_000, "{wake_ups}");
}

#[test]
fn an_entry_that_is_alone_is_not_late_for_its_slack() {
    let mut wheel = Wheel::new();
    let lax = Slack::of_span(u64::MAX);
    wheel.insert_slack(1000 * MS, lax, 0);
    assert_eq!(wheel.next_wake(), Some(1000 * MS));
    assert!(drain(&mut wheel, 1000 * MS - 1).is_empty());
    assert_eq!(wheel.next_wake(), Some(1000 * MS));
}

#[test]
fn an_empty_wheel_gives_back_much_memory_but_not_little() {
    let mut wheel = Wheel::new();
    let keys: Vec<_> = (0..10_000).map(|n| wheel.insert(n, ())).collect();
    wheel.trim();
    for key in &keys {
        wheel.remove(*key);
    }
    assert!(wheel.capacity() >= 10_000);
    wheel.trim();
    assert_eq!(wheel.capacity(), 0);
    wheel.insert(1, ());
    assert!(keys.iter().all(|key| wheel.remove(*key).is_none()));
    assert!(wheel.pop_any().is_some());
    wheel.trim();
    assert!((1..=KEPT).contains(&wheel.capacity()));
}

#[derive(Clone, Debug)]
enum Op {
    Insert(Far),
    InsertSlack(Far, u64),
    InsertMany(Far, u8),
    Remove(prop::sample::Index),
    Reset(prop::sample::Index, Far),
    ResetLoosely(prop::sample::Index, Far),
    Advance(u64),
    /// Pop one entry only, so that later operations meet a half-drained wheel.
    PopOne(u64),
    ToNext,
}

/// A deadline in relation to the time at which it is set.
#[derive(Clone, Copy, Debug)]
enum Far {
    After(u64),
    Before(u64),
    At(u64),
}

impl Far {
    fn from(self, now: u64) -> u64 {
        match self {
            Far::After(by) => now.saturating_add(by),
            Far::Before(by) => now.saturating_sub(by),
            Far::At(deadline) => deadline,
        }
    }
}

fn spans() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        0..200u64,
        0..200_000u64,
        0..100 * MS,
        0..2 * DAY,
        0..200 * DAY,
        // A few values only, so that equal deadlines are common.
        (0..4u64).prop_map(|n| n * 65_536),
    ]
}

fn far() -> impl Strategy<Value = Far> {
    prop_oneof![
        8 => spans().prop_map(Far::After),
        1 => spans().prop_map(Far::Before),
        1 => prop_oneof![Just(u64::MAX), Just(u64::MAX - 1), any::<u64>()].prop_map(Far::At),
    ]
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => far().prop_map(Op::Insert),
        3 => (far(), 0..64u32).prop_map(|(far, log)| Op::InsertSlack(far, 1 << log)),
        1 => (far(), 30..50u8).prop_map(|(far, n)| Op::InsertMany(far, n)),
        3 => any::<prop::sample::Index>().prop_map(Op::Remove),
        3 => (any::<prop::sample::Index>(), far()).prop_map(|(i, far)| Op::Reset(i, far)),
        2 => (any::<prop::sample::Index>(), far()).prop_map(|(i, far)| Op::ResetLoosely(i, far)),
        3 => spans().prop_map(Op::Advance),
        1 => spans().prop_map(Op::PopOne),
        4 => Just(Op::ToNext),
    ];
    prop::collection::vec(op, 1..200)
}

/// The wheel beside a sorted map of (deadline, order of insertion).
struct Pair {
    wheel: Wheel<u64>,
    /// With the slack of the entry.
    model: BTreeMap<(u64, u64), Slack>,
    /// By the entry's first order: its key and its present place in the model.
    keys: Vec<(u64, Key, (u64, u64))>,
    now: u64,
    order: u64,
    /// Entries of an equal deadline may come in any order.
    loose: bool,
}

impl Pair {
    fn new() -> Self {
        Pair {
            wheel: Wheel::new(),
            model: BTreeMap::new(),
            keys: Vec::new(),
            now: 0,
            order: 0,
            loose: false,
        }
    }

    fn insert(&mut self, far: Far, slack: Slack) {
        let (deadline, id) = (far.from(self.now), self.order);
        self.order += 1;
        let key = self.wheel.insert_slack(deadline, slack, id);
        self.model.insert((deadline, id), slack);
        self.keys.push((id, key, (deadline, id)));
    }

    /// The entry of this index, which may have fired already.
    fn pick(&self, index: prop::sample::Index) -> Option<usize> {
        (!self.keys.is_empty()).then(|| index.index(self.keys.len()))
    }

    fn remove(&mut self, at: usize) {
        let (id, key, place) = self.keys.swap_remove(at);
        let there = self.model.remove(&place).is_some();
        assert_eq!(self.wheel.remove(key), there.then_some(id));
    }

    fn reset(&mut self, at: usize, far: Far, loosely: bool) {
        self.loose |= loosely;
        let deadline = far.from(self.now);
        let order = self.order;
        self.order += 1;
        let (_, key, place) = &mut self.keys[at];
        let there = self.model.remove(place).is_some();
        let reset = match loosely {
            true => self.wheel.reset_loosely(*key, deadline),
            false => self.wheel.reset(*key, deadline),
        };
        assert_eq!(reset, there);
        if there {
            *place = (deadline, order);
            self.model.insert(*place, Slack::NONE);
        }
    }

    fn pop(&mut self) -> bool {
        let due = self.model.first_key_value().map(|(place, _)| *place);
        let due = due.filter(|&(deadline, _)| deadline <= self.now);
        let popped = self.wheel.pop_due(self.now);
        let Some(place) = due else {
            assert_eq!(popped, None);
            return false;
        };
        let (deadline, id) = popped.expect("an entry is due");
        assert_eq!(deadline, place.0);
        let known = self.keys.iter().find(|(known, ..)| *known == id);
        let known = known.expect("known entry").2;
        assert!(known == place || self.loose && known.0 == place.0);
        self.model.remove(&known).expect("it was there");
        true
    }

    fn check(&mut self) {
        assert_eq!(self.wheel.len(), self.model.len());
        let first = self.model.first_key_value().map(|(&(at, _), _)| at);
        assert_eq!(self.wheel.exact_deadline(), first);
        let next = self.wheel.next_deadline();
        assert_eq!(next.is_some(), first.is_some());
        assert!(next <= first);
        assert!(self.wheel.next <= first.unwrap_or(u64::MAX));
        let wake = self.wheel.next_wake();
        assert!(next <= wake && wake.is_some() == first.is_some());
        let latest = |(&(at, _), slack): (&(u64, u64), &Slack)| slack.latest(at);
        assert!(wake <= self.model.iter().map(latest).min());
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Insert(far) => self.insert(far, Slack::NONE),
            Op::InsertSlack(far, span) => self.insert(far, Slack::of_span(span)),
            Op::InsertMany(far, n) => (0..n).for_each(|_| self.insert(far, Slack::NONE)),
            Op::Remove(index) => {
                if let Some(at) = self.pick(index) {
                    self.remove(at);
                }
            }
            Op::Reset(index, far) => {
                if let Some(at) = self.pick(index) {
                    self.reset(at, far, false);
                }
            }
            Op::ResetLoosely(index, far) => {
                if let Some(at) = self.pick(index) {
                    self.reset(at, far, true);
                }
            }
            Op::Advance(by) => {
                self.now = self.now.saturating_add(by);
                while self.pop() {}
            }
            Op::PopOne(by) => {
                self.now = self.now.saturating_add(by);
                self.pop();
            }
            Op::ToNext => {
                // Either something is due there, or the next look is later.
                let Some(next) = self.wheel.next_deadline() else {
                    return;
                };
                self.now = self.now.max(next);
                let mut popped = false;
                while self.pop() {
                    popped = true;
                }
                let later = self.wheel.next_deadline();
                assert!(popped || later > Some(next));
            }
        }
        self.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn behaves_as_a_sorted_map(ops in ops()) {
        let mut pair = Pair::new();
        for op in ops {
            pair.run(op);
        }
        pair.now = u64::MAX;
        while pair.pop() {}
        prop_assert_eq!(pair.wheel.len(), 0);
    }
}
