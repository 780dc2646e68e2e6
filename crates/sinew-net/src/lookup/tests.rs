use std::pin::pin;
use std::task::Context;

use futures::executor::block_on;
use sinew_core::waker::waker_fn;

use super::*;

fn here() -> Wait {
    wait(Location::caller())
}

#[test]
fn who_asks_meanwhile_shares_the_answer() {
    let (first, asking) = enter("shared.test");
    let asking = asking.expect("nobody has asked before");
    let (second, none) = enter("shared.test");
    assert!(Arc::ptr_eq(&first, &second) && none.is_none());

    let answers = futures::future::join(answer(&first, here()), answer(&second, here()));
    let mut answers = pin!(answers);
    let waker = waker_fn(|| {});
    let mut cx = Context::from_waker(&waker);
    assert!(answers.as_mut().poll(&mut cx).is_pending());
    let mut asking = asking;
    asking.answer = Answer::Found([SocketAddr::from(([10, 0, 0, 1], 0))].into());
    drop(asking);
    let (Answer::Found(one), Answer::Found(other)) = block_on(answers) else {
        panic!("the answer was given");
    };
    assert_eq!(one, other);
    assert!(enter("shared.test").1.is_some(), "nothing is kept");
}

#[test]
fn a_question_that_was_never_asked_is_asked_again() {
    let (question, asking) = enter("dropped.test");
    drop(asking);
    let answered = block_on(answer(&question, here()));
    assert!(matches!(answered, Answer::NotAsked));
    // The name is too long for any resolver, so it answers without the network.
    let name = "x".repeat(64);
    let (_, asking) = enter(&name);
    let mut ask = pin!(ask(&name, 80, here()));
    let waker = waker_fn(|| {});
    assert!(
        ask.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(asking);
    assert_eq!(block_on(ask).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn each_asker_gets_its_own_port() {
    let both = block_on(futures::future::join(
        ask("localhost", 1, here()),
        ask("localhost", 2, here()),
    ));
    assert!(both.0.unwrap().iter().all(|addr| addr.port() == 1));
    assert!(both.1.unwrap().iter().all(|addr| addr.port() == 2));
}
