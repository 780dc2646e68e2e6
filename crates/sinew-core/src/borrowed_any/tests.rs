use super::{BorrowedAny, Shrink};

struct Plain(u8);

struct Half<'a>(&'a Plain);

struct Other<'a>(#[expect(dead_code, reason = "only its type matters")] &'a Plain);

// SAFETY: it has no lifetimes.
unsafe impl Shrink for Plain {
    type To<'a> = Plain;
}

// SAFETY: its one lifetime is that of a shared reference.
unsafe impl Shrink for Half<'static> {
    type To<'a> = Half<'a>;
}

fn plain<T: ?Sized>(value: &T) -> Option<u8> {
    BorrowedAny::new(value).downcast::<Plain>().map(|it| it.0)
}

#[test]
fn a_value_is_found_by_its_type() {
    assert_eq!(plain(&Plain(3)), Some(3));
    assert_eq!(plain(&3_u8), None);
    assert_eq!(plain(&&Plain(3)), None);
    assert_eq!(plain(&&mut Plain(3)), None);
}

#[test]
fn unsized_values_are_nothing() {
    assert_eq!(plain("text"), None);
    assert_eq!(plain(&[Plain(3)][..]), None);
    let object: &dyn Send = &Plain(3);
    assert_eq!(plain(object), None);
}

#[test]
fn a_type_that_borrows_is_found_whatever_it_borrows() {
    fn half<T: ?Sized>(value: &T) -> Option<u8> {
        let half = BorrowedAny::new(value).downcast::<Half<'static>>()?;
        Some(half.0.0)
    }
    let local = Plain(4);
    assert_eq!(half(&Half(&local)), Some(4));
    assert_eq!(half(&Half(const { &Plain(5) })), Some(5));
    assert_eq!(half(&Other(&local)), None);
    assert_eq!(half(&local), None);
}

#[test]
fn a_reference_is_found_as_a_reference() {
    fn shared<T: ?Sized>(value: &T) -> Option<u8> {
        let shared = BorrowedAny::new(value).downcast::<&'static Plain>()?;
        Some(shared.0)
    }
    let local = Plain(6);
    assert_eq!(shared(&&local), Some(6));
    assert_eq!(shared(&local), None);
    assert_eq!(shared(&&mut Plain(6)), None);
}
