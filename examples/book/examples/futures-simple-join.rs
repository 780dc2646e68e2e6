//! The book's simplified futures: `SimpleFuture` with a plain callback as waker, and
//! `Join` and `AndThen` built on it, without allocation.
//!
//! ```text
//! join: both done after 2 polls
//! and then: first, second, done after 2 polls
//! ```

enum Poll<T> {
    Ready(T),
    Pending,
}

/// The real trait has `Pin<&mut Self>` and a `Context` instead.
trait SimpleFuture {
    type Output;
    fn poll(&mut self, wake: fn()) -> Poll<Self::Output>;
}

/// Ready after some polls.
struct Countdown(u32);

impl SimpleFuture for Countdown {
    type Output = ();

    fn poll(&mut self, wake: fn()) -> Poll<()> {
        match self.0.checked_sub(1) {
            None => Poll::Ready(()),
            Some(left) => {
                self.0 = left;
                wake();
                Poll::Pending
            }
        }
    }
}

/// Both at the same time. Each is `None` once it is done.
struct Join<A, B>(Option<A>, Option<B>);

impl<A: SimpleFuture<Output = ()>, B: SimpleFuture<Output = ()>> SimpleFuture for Join<A, B> {
    type Output = ();

    fn poll(&mut self, wake: fn()) -> Poll<()> {
        if self
            .0
            .as_mut()
            .is_some_and(|a| matches!(a.poll(wake), Poll::Ready(())))
        {
            self.0 = None;
        }
        if self
            .1
            .as_mut()
            .is_some_and(|b| matches!(b.poll(wake), Poll::Ready(())))
        {
            self.1 = None;
        }
        match (&self.0, &self.1) {
            (None, None) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }
}

/// One after the other.
struct AndThen<A, B>(Option<A>, B);

impl<A: SimpleFuture<Output = ()>, B: SimpleFuture<Output = ()>> SimpleFuture for AndThen<A, B> {
    type Output = ();

    fn poll(&mut self, wake: fn()) -> Poll<()> {
        if let Some(first) = &mut self.0 {
            match first.poll(wake) {
                Poll::Ready(()) => self.0 = None,
                Poll::Pending => return Poll::Pending,
            }
        }
        self.1.poll(wake)
    }
}

/// An executor that does not sleep: every future here wakes it at once.
fn polls_needed(mut future: impl SimpleFuture) -> u32 {
    let mut polls = 1;
    while let Poll::Pending = future.poll(|| {}) {
        polls += 1;
    }
    polls
}

fn main() {
    let join = Join(Some(Countdown(1)), Some(Countdown(1)));
    println!("join: both done after {} polls", polls_needed(join));
    let then = AndThen(Some(Countdown(1)), Countdown(0));
    println!(
        "and then: first, second, done after {} polls",
        polls_needed(then)
    );
}
