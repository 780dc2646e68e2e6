//! What waits for tasks, threads and descriptors, under the kit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use sinew::blocking::{BlockingIter, Unblock};
use sinew::io::AsyncReadExt;
use sinew::task::{JoinMap, LocalSet};
use sinew::testing::cancel::{every_await, every_pending};

use super::{Run, TASKS, loses_nothing, number};
