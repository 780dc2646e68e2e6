use crate::injector::Injector;

#[test]
fn a_share_goes_along_with_the_first() {
    let injector = Injector::new();
    injector.push(0);
    injector.extend(1..10);
    assert_eq!(injector.len(), 10);
    assert_eq!(injector.remote_count(), 1);
    let mut more = Vec::new();
    let mut seen = 0;
    let first = injector.take(
        |left| {
            assert_eq!(left, 9);
            3
        },
        |_| seen += 1,
        |task| more.push(task),
    );
    assert_eq!((first, more), (Some(0), vec![1, 2, 3]));
    assert_eq!(seen, 4);
    let mut more = 0;
    assert_eq!(
        injector.take(|_| usize::MAX, |_| {}, |_| more += 1),
        Some(4)
    );
    assert_eq!(more, 5);
    assert!(injector.is_empty());
    assert_eq!(injector.pop(), None);
}
