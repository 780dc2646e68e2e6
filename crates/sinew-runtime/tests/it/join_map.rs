use std::future::pending;

use sinew_runtime::JoinMap;

use crate::conformance::on_each;

#[test]
fn results_come_with_their_keys() {
    on_each(|| async {
        let mut map = JoinMap::new();
        for n in 0..100 {
            map.spawn(n.to_string(), async move { n });
        }
        map.spawn_blocking("closure".to_owned(), || 100);
        assert_eq!(map.len(), 101);
        assert!(map.contains_key("closure") && map.contains_key("7"));
        let mut count = 0;
        while let Some((key, result)) = map.join_next().await {
            let n = result.unwrap();
            assert!(key == "closure" || key == n.to_string());
            count += 1;
        }
        assert_eq!(count, 101);
        assert!(map.is_empty() && map.keys().next().is_none());
    });
}

#[test]
fn a_key_holds_one_task() {
    on_each(|| async {
        let mut map = JoinMap::new();
        map.spawn("key", pending());
        map.spawn("key", async { 2 });
        assert_eq!(map.len(), 1);
        let (key, result) = map.join_next().await.unwrap();
        assert_eq!((key, result.unwrap()), ("key", 2));
        assert!(map.join_next().await.is_none());
    });
}

#[test]
fn abort_by_key_by_predicate_and_all() {
    on_each(|| async {
        let mut map = JoinMap::new();
        for n in 0..10 {
            map.spawn(n, pending::<()>());
        }
        assert!(map.abort(&3));
        assert!(!map.abort(&10));
        let (key, result) = map.join_next().await.unwrap();
        assert!(key == 3 && result.unwrap_err().is_cancelled());
        map.abort_matching(|n| n % 2 == 0);
        for _ in 0..5 {
            let (key, _) = map.join_next().await.unwrap();
            assert_eq!(key % 2, 0);
        }
        let mut left: Vec<_> = map.keys().copied().collect();
        left.sort_unstable();
        assert_eq!(left, [1, 5, 7, 9]);
        map.shutdown().await;
        assert!(map.is_empty());
    });
}

#[test]
fn detached_tasks_leave_the_map() {
    on_each(|| async {
        let mut map = JoinMap::with_capacity(4);
        let (sender, receiver) = futures::channel::oneshot::channel();
        map.spawn(1, async move { sender.send(()).unwrap() });
        map.detach_all();
        assert!(map.is_empty() && !map.contains_key(&1));
        assert!(map.try_join_next().is_none());
        receiver.await.unwrap();
    });
}
