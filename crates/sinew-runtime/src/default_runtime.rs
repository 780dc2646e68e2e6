//! The runtime of a program that has none.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::{env, io};

use crate::{Builder, Handle, Runtime};

/// Says how many workers the default runtime has.
const WORKERS: &str = "SINEW_WORKERS";

static DEFAULT: OnceLock<Runtime> = OnceLock::new();

/// The default runtime, which is started on first use and never ended.
pub(crate) fn handle() -> io::Result<&'static Handle> {
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(runtime) = DEFAULT.get() {
        return Ok(runtime.handle());
    }
    // `OnceLock::get_or_try_init` is not stable.
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = DEFAULT.get() {
        return Ok(runtime.handle());
    }
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().name("default");
    builder.of_process = true;
    if let Some(workers) = workers_from(env::var(WORKERS).ok().as_deref())? {
        builder.worker_threads(workers);
    }
    let runtime = builder.build()?;
    Ok(DEFAULT.get_or_init(|| runtime).handle())
}

fn workers_from(value: Option<&str>) -> io::Result<Option<usize>> {
    let Some(value) = value else { return Ok(None) };
    match value.trim().parse() {
        Ok(workers) if workers > 0 => Ok(Some(workers)),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{WORKERS} must be a whole number above zero, not {value:?}"),
        )),
    }
}

#[cfg(all(test, not(sinew_loom)))]
mod tests {
    use super::workers_from;

    #[test]
    fn workers_are_a_number_above_zero() {
        assert_eq!(workers_from(None).unwrap(), None);
        assert_eq!(workers_from(Some(" 3 ")).unwrap(), Some(3));
        for bad in ["0", "", "many", "-1"] {
            let error = workers_from(Some(bad)).unwrap_err();
            assert!(error.to_string().contains("SINEW_WORKERS"), "{error}");
        }
    }
}
