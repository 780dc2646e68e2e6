use std::future::poll_fn;
use std::pin::pin;

use sinew::futures::FutureExt;

use super::Drain;

#[sinew::test]
async fn drained_when_the_last_has_left() {
    let drain = Drain::new();
    drain.drained().await;
    let (one, two) = (drain.enter(), drain.enter());
    assert_eq!(drain.members(), 2);
    let mut drained = pin!(drain.drained());
    assert!(drained.as_mut().now_or_never().is_none());
    drop(one);
    assert!(drained.as_mut().now_or_never().is_none());
    sinew::join!(drained, async { drop(two) });
    assert_eq!(drain.members(), 0);
}

#[sinew::test]
async fn stop_wakes_members_and_meets_those_who_come_later() {
    let drain = Drain::new();
    let (one, two) = (drain.enter(), drain.enter());
    assert!(!one.is_stopping());
    sinew::join!(
        poll_fn(|cx| one.poll_stop(cx)),
        poll_fn(|cx| two.poll_stop(cx)),
        async { drain.stop() }
    );
    let late = drain.enter();
    assert!(late.is_stopping());
    poll_fn(|cx| late.poll_stop(cx)).await;
}
