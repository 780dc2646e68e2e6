//! The part of the kit for operations that wait for what no script can order.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// More awaits than this are an operation that wakes itself for ever.
const MAX_PENDING: usize = 10_000;

/// Runs an operation again and again: dropped before its first poll, dropped when it is
/// pending for the first time, for the second, and so on, until it ends by itself.
/// Returns how many runs there were: two more than the awaits at which it was dropped.
///
/// [`every_await`](super::every_await) goes through all orders of several actors, and
/// therefore bears neither threads nor clocks. This has one actor, which may wait for
/// anything: a socket, a file, a process, a timer. It runs under whatever executor,
/// drivers and clock it is awaited on.
///
/// `state` makes what a run needs: what the operation works on, and the world around
/// it. `operation` is the operation. `step` is called whenever it was left pending, with
/// how often it has been, and moves the world on: it sends the byte that is waited for,
/// for example. `check` gets both at the end, with the output if the operation came to
/// one, and sees whether what the documentation promises holds.
///
/// ```
/// use sinew_testing::cancel::every_pending;
/// use std::collections::VecDeque;
/// use std::future::poll_fn;
/// use std::task::Poll;
///
/// // Takes two numbers, with an await before each.
/// async fn take_two(numbers: &mut VecDeque<u32>) -> u32 {
///     let mut sum = 0;
///     for _ in 0..2 {
///         let mut waited = false;
///         poll_fn(|cx| {
///             if std::mem::replace(&mut waited, true) {
///                 return Poll::Ready(());
///             }
///             cx.waker().wake_by_ref();
///             Poll::Pending
///         })
///         .await;
///         sum += numbers.pop_front().unwrap();
///     }
///     sum
/// }
///
/// sinew_testing::block_on(async {
///     let mut lost = Vec::new();
///     let runs = every_pending(
///         async || (VecDeque::from([1, 2]), ()),
///         async |numbers| take_two(numbers).await,
///         |(), _| {},
///         async |numbers, (), sum| lost.push(3 - numbers.iter().sum::<u32>() - sum.unwrap_or(0)),
///     )
///     .await;
///     assert_eq!(runs, 4);
///     // Dropped at the second await, it loses the first number: not cancel safe.
///     assert_eq!(lost, [0, 0, 1, 0]);
/// });
/// ```
///
/// # Panics
///
/// When the operation has been pending ten thousand times, and with what the operation,
/// `step` or `check` panics with.
///
/// # Cancel safety
///
/// Dropping it drops the run that is under way, without its check.
pub async fn every_pending<S, W, T>(
    mut state: impl AsyncFnMut() -> (S, W),
    mut operation: impl AsyncFnMut(&mut S) -> T,
    mut step: impl FnMut(&mut W, usize),
    mut check: impl AsyncFnMut(S, W, Option<T>),
) -> usize {
    for drop_at in 0..MAX_PENDING {
        let (mut subject, mut world) = state().await;
        let output = {
            let mut future = pin!(operation(&mut subject));
            let mut pending = 0;
            poll_fn(|cx| {
                if drop_at == 0 {
                    return Poll::Ready(None);
                }
                if let Poll::Ready(output) = future.as_mut().poll(cx) {
                    return Poll::Ready(Some(output));
                }
                pending += 1;
                if pending == drop_at {
                    return Poll::Ready(None);
                }
                step(&mut world, pending);
                Poll::Pending
            })
            .await
        };
        let ended = output.is_some();
        check(subject, world, output).await;
        if ended {
            return drop_at + 1;
        }
    }
    panic!("the operation was pending {MAX_PENDING} times: it does not end");
}
