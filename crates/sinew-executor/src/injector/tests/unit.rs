use crate::injector::Injector;

fn pop(injector: &Injector<i32>) -> Option<i32> {
    injector.take(|_| 0, drop).map(|(task, _)| task)
}

#[test]
fn a_share_goes_along_with_the_first() {
    let injector = Injector::new();
    injector.push(0);
    injector.extend(1..10);
    assert_eq!(injector.len(), 10);
    assert_eq!(injector.remote_count(), 1);
    let mut more = Vec::new();
    let share = |left| {
        assert_eq!(left, 9);
        3
    };
    let (first, _) = injector.take(share, |task| more.push(task)).unwrap();
    assert_eq!((first, more), (0, vec![1, 2, 3]));
    assert_eq!(injector.len(), 6);
    let mut more = 0;
    let (first, _) = injector.take(|_| usize::MAX, |_| more += 1).unwrap();
    assert_eq!((first, more), (4, 5));
    assert!(injector.is_empty());
    assert_eq!(pop(&injector), None);
}

#[test]
fn the_order_is_kept_over_both_ends() {
    let injector = Injector::new();
    injector.extend(0..3);
    assert_eq!(pop(&injector), Some(0));
    injector.extend(3..5);
    let mut seen = Vec::new();
    injector.for_each(|task| seen.push(*task));
    assert_eq!(seen, [1, 2, 3, 4]);
    let popped: Vec<i32> = std::iter::from_fn(|| pop(&injector)).collect();
    assert_eq!(popped, seen);
}
