//! The same kind of loop with `sinew::select!`: patterns, preconditions, `else`.
//!
//! ```text
//! letter a
//! letter b
//! number 1
//! number 2
//! both are closed
//! ```

use sinew::sync::mpsc;

#[sinew::main]
async fn main() {
    let (letters, mut letters_in) = mpsc::channel(4);
    let (numbers, mut numbers_in) = mpsc::channel(4);
    for letter in ['a', 'b'] {
        letters.send(letter).await.expect("the receiver is there");
    }
    for number in [1, 2] {
        numbers.send(number).await.expect("the receiver is there");
    }
    drop((letters, numbers));

    loop {
        sinew::select! {
            // In order instead of at random: letters have precedence.
            biased;
            // A branch whose pattern does not match is disabled for this turn. Both
            // `recv`s are cancel safe: the one that loses has taken no message.
            Some(letter) = letters_in.recv() => println!("letter {letter}"),
            Some(number) = numbers_in.recv() => println!("number {number}"),
            else => break,
        }
    }
    println!("both are closed");
}
