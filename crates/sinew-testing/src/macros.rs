//! Assertions on polls and results. Each takes an optional message with arguments at its end.

/// The value of a `Poll` that must be `Ready`.
///
/// ```
/// use sinew_testing::{assert_ready, task};
///
/// let mut task = task::spawn(async { 7 });
/// assert_eq!(assert_ready!(task.poll()), 7);
/// ```
#[macro_export]
macro_rules! assert_ready {
    ($poll:expr $(,)?) => {
        match $poll {
            ::core::task::Poll::Ready(value) => value,
            ::core::task::Poll::Pending => ::core::panic!("pending"),
        }
    };
    ($poll:expr, $($message:tt)+) => {
        match $poll {
            ::core::task::Poll::Ready(value) => value,
            ::core::task::Poll::Pending => {
                ::core::panic!("pending; {}", ::core::format_args!($($message)+))
            }
        }
    };
}

/// The value in a `Poll` that must be `Ready(Ok(_))`.
///
/// ```
/// use sinew_testing::{assert_ready_ok, task};
///
/// let mut task = task::spawn(async { "7".parse::<u8>() });
/// assert_eq!(assert_ready_ok!(task.poll()), 7);
/// ```
#[macro_export]
macro_rules! assert_ready_ok {
    ($poll:expr $(,)?) => {
        $crate::assert_ok!($crate::assert_ready!($poll))
    };
    ($poll:expr, $($message:tt)+) => {
        $crate::assert_ok!($crate::assert_ready!($poll, $($message)+), $($message)+)
    };
}

/// The error in a `Poll` that must be `Ready(Err(_))`.
///
/// ```
/// use sinew_testing::{assert_ready_err, task};
///
/// let mut task = task::spawn(async { "seven".parse::<u8>() });
/// let error = assert_ready_err!(task.poll());
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
#[macro_export]
macro_rules! assert_ready_err {
    ($poll:expr $(,)?) => {
        $crate::assert_err!($crate::assert_ready!($poll))
    };
    ($poll:expr, $($message:tt)+) => {
        $crate::assert_err!($crate::assert_ready!($poll, $($message)+), $($message)+)
    };
}

/// Panics unless a `Poll` is `Ready` with a value that equals another.
///
/// ```
/// use sinew_testing::{assert_ready_eq, task};
///
/// let mut task = task::spawn(async { 7 });
/// assert_ready_eq!(task.poll(), 7);
/// ```
#[macro_export]
macro_rules! assert_ready_eq {
    ($poll:expr, $expected:expr $(,)?) => {
        ::core::assert_eq!($crate::assert_ready!($poll), $expected)
    };
    ($poll:expr, $expected:expr, $($message:tt)+) => {
        ::core::assert_eq!(
            $crate::assert_ready!($poll, $($message)+),
            $expected,
            $($message)+
        )
    };
}

/// Panics unless a `Poll` is `Pending`; its value must be `Debug`.
///
/// ```
/// use sinew_testing::{assert_pending, task};
///
/// let mut task = task::spawn(std::future::pending::<()>());
/// assert_pending!(task.poll());
/// ```
#[macro_export]
macro_rules! assert_pending {
    ($poll:expr $(,)?) => {
        match $poll {
            ::core::task::Poll::Pending => {}
            ::core::task::Poll::Ready(value) => ::core::panic!("ready; value = {:?}", value),
        }
    };
    ($poll:expr, $($message:tt)+) => {
        match $poll {
            ::core::task::Poll::Pending => {}
            ::core::task::Poll::Ready(value) => ::core::panic!(
                "ready; value = {:?}; {}",
                value,
                ::core::format_args!($($message)+)
            ),
        }
    };
}

/// The value of a `Result` that must be `Ok`.
///
/// ```
/// assert_eq!(sinew_testing::assert_ok!("7".parse::<u8>()), 7);
/// ```
#[macro_export]
macro_rules! assert_ok {
    ($result:expr $(,)?) => {
        match $result {
            ::core::result::Result::Ok(value) => value,
            ::core::result::Result::Err(error) => {
                ::core::panic!("assertion failed: Err({:?})", error)
            }
        }
    };
    ($result:expr, $($message:tt)+) => {
        match $result {
            ::core::result::Result::Ok(value) => value,
            ::core::result::Result::Err(error) => ::core::panic!(
                "assertion failed: Err({:?}): {}",
                error,
                ::core::format_args!($($message)+)
            ),
        }
    };
}

/// The error of a `Result` that must be `Err`; its value must be `Debug`.
///
/// ```
/// let error = sinew_testing::assert_err!("seven".parse::<u8>());
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
#[macro_export]
macro_rules! assert_err {
    ($result:expr $(,)?) => {
        match $result {
            ::core::result::Result::Ok(value) => {
                ::core::panic!("assertion failed: Ok({:?})", value)
            }
            ::core::result::Result::Err(error) => error,
        }
    };
    ($result:expr, $($message:tt)+) => {
        match $result {
            ::core::result::Result::Ok(value) => ::core::panic!(
                "assertion failed: Ok({:?}): {}",
                value,
                ::core::format_args!($($message)+)
            ),
            ::core::result::Result::Err(error) => error,
        }
    };
}

/// Panics unless a `Duration` has passed since an instant, and no more than a millisecond on
/// top. For a paused clock; a real one is late by more now and then.
///
/// ```
/// use sinew_testing::assert_elapsed;
/// use std::time::Duration;
///
/// # struct Paused;
/// # impl Paused { fn elapsed(&self) -> Duration { Duration::from_millis(20) } }
/// # let start = Paused;
/// assert_elapsed!(start, Duration::from_millis(20));
/// ```
#[macro_export]
macro_rules! assert_elapsed {
    ($start:expr, $expected:expr $(,)?) => {{
        let elapsed: ::core::time::Duration = $start.elapsed();
        let expected: ::core::time::Duration = $expected;
        let late = ::core::time::Duration::from_millis(1);
        ::core::assert!(
            elapsed >= expected && elapsed <= expected + late,
            "actual = {:?}, expected = {:?}",
            elapsed,
            expected
        );
    }};
}
