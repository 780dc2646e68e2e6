//! Why pinning: a value that points into itself is wrong once it has moved. Pointers
//! are only compared here, never read through.
//!
//! ```text
//! made: points to itself
//! moved: points to where it was
//! pinned: points to itself
//! the Box moved, what is in it did not: points to itself
//! ```

use std::marker::PhantomPinned;
use std::pin::{Pin, pin};

struct SelfReferential {
    text: String,
    /// Where `text` is, or was.
    pointer: *const String,
    /// Takes `Unpin` away: safe code cannot move it out of a `Pin`.
    _pinned: PhantomPinned,
}

impl SelfReferential {
    fn new(text: &str) -> Self {
        SelfReferential {
            text: text.to_string(),
            pointer: std::ptr::null(),
            _pinned: PhantomPinned,
        }
    }

    fn state(&self) -> &'static str {
        match std::ptr::eq(self.pointer, &self.text) {
            true => "points to itself",
            false => "points to where it was",
        }
    }
}

/// Sets the pointer of a value that will never move again.
fn init(value: Pin<&mut SelfReferential>) {
    // SAFETY: only a field is set, and nothing is moved out of the pinned value.
    let value = unsafe { value.get_unchecked_mut() };
    value.pointer = &value.text;
}

fn main() {
    let mut value = SelfReferential::new("a");
    value.pointer = &value.text;
    println!("made: {}", value.state());
    // A box is another place, hence this is a move in fact and not in name only.
    let moved = Box::new(value);
    println!("moved: {}", moved.state());

    let mut on_stack = pin!(SelfReferential::new("b"));
    init(on_stack.as_mut());
    println!("pinned: {}", on_stack.state());
    // `std::mem::swap(&mut *on_stack, ..)` does not compile: it is not `Unpin`.

    let mut boxed = Box::pin(SelfReferential::new("c"));
    init(boxed.as_mut());
    let elsewhere = [boxed];
    println!(
        "the Box moved, what is in it did not: {}",
        elsewhere[0].state()
    );
}
