//! What was measured.

use std::fmt;
use std::fs;
use std::io;
use std::time::{Duration, Instant};

/// The measurement under way: begun anew when the server is warm.
pub(crate) struct Measurement {
    start: Instant,
    latencies: Vec<u64>,
    pid: Option<u32>,
    cpu_before: u64,
}

impl Measurement {
    pub(crate) fn start(pid: Option<u32>) -> io::Result<Measurement> {
        Ok(Measurement {
            cpu_before: cpu_nanos(pid)?,
            start: Instant::now(),
            latencies: Vec::new(),
            pid,
        })
    }

    pub(crate) fn add(&mut self, latency: Duration) {
        self.latencies.push(latency.as_nanos() as u64);
    }

    pub(crate) fn count(&self) -> u64 {
        self.latencies.len() as u64
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub(crate) fn finish(mut self) -> io::Result<Report> {
        let nanos = self.start.elapsed().as_nanos() as u64;
        let cpu = cpu_nanos(self.pid)? - self.cpu_before;
        self.latencies.sort_unstable();
        let requests = self.latencies.len();
        let at = |share: f64| {
            let index = ((requests as f64 * share) as usize).min(requests.saturating_sub(1));
            self.latencies.get(index).copied().unwrap_or(0)
        };
        Ok(Report {
            requests: requests as u64,
            nanos,
            cpu_nanos: cpu,
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
        })
    }
}

/// The time that all threads of a process have run, or 0 without one.
fn cpu_nanos(pid: Option<u32>) -> io::Result<u64> {
    let Some(pid) = pid else { return Ok(0) };
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let ran = text
            .split(' ')
            .next()
            .and_then(|word| word.parse::<u64>().ok());
        sum += ran.ok_or_else(|| io::Error::other("schedstat is not what was expected"))?;
    }
    Ok(sum)
}

/// The line that is printed.
pub(crate) struct Report {
    requests: u64,
    nanos: u64,
    cpu_nanos: u64,
    p50: u64,
    p99: u64,
    p999: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report {
            requests,
            nanos,
            cpu_nanos,
            p50,
            p99,
            p999,
        } = self;
        write!(
            f,
            "{{\"requests\":{requests},\"nanos\":{nanos},\"cpu_nanos\":{cpu_nanos},\
             \"p50\":{p50},\"p99\":{p99},\"p999\":{p999}}}"
        )
    }
}
