//! The book's loop with `futures::select!`: fused futures, `complete` when all have
//! ended, `default` when none is ready.
//!
//! ```text
//! total 10 of a and b
//! nothing was ready
//! ```

use sinew::futures::{FutureExt, future, pin_mut, select};

#[sinew::main]
async fn main() {
    let mut a = future::ready(4);
    let mut b = future::ready(6);
    let mut total = 0;
    loop {
        // A future that has ended is skipped: `Ready` knows that it has.
        select! {
            value = a => total += value,
            value = b => total += value,
            complete => break,
            default => unreachable!("both are ready at once"),
        }
    }
    println!("total {total} of a and b");

    // What does not know it itself is fused; `select!` also wants it to be `Unpin`.
    let never = future::pending::<()>().fuse();
    pin_mut!(never);
    select! {
        () = never => unreachable!("it is never ready"),
        default => println!("nothing was ready"),
    }
}
