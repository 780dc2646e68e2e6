//! Reads what criterion has measured.

use std::path::Path;
use std::time::SystemTime;

use serde_json::Value;

use crate::error::{Error, Result, at_path};

/// What criterion says about one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measurement {
    /// Its name without the implementation: `spawn`, `echo/64`.
    pub(super) row: String,
    /// The implementation: `sinew`, `tokio`.
    pub(super) subject: String,
    /// Nanoseconds per iteration.
    pub(super) median: f64,
    /// The median absolute deviation over the median.
    pub(super) spread: f64,
}

/// All measurements below `home` that were written at or after `start`, by
/// name.
pub(super) fn since(home: &Path, start: SystemTime) -> Result<Vec<Measurement>> {
    let mut measurements = Vec::new();
    let mut open = vec![home.to_owned()];
    while let Some(folder) = open.pop() {
        let entries =
            std::fs::read_dir(&folder).map_err(|error| at_path("list", &folder, &error))?;
        for entry in entries {
            let path = entry
                .map_err(|error| at_path("list", &folder, &error))?
                .path();
            if path.is_dir() {
                open.push(path);
            }
        }
        let estimates = folder.join("estimates.json");
        if folder.ends_with("new") && is_written_since(&estimates, start) {
            let name = read(&folder.join("benchmark.json"))?;
            let estimates = read(&estimates)?;
            let broken = || Error::Failed(format!("cannot make sense of {}", folder.display()));
            measurements.push(measurement(&name, &estimates).ok_or_else(broken)?);
        }
    }
    measurements.sort_by(|a, b| (&a.row, &a.subject).cmp(&(&b.row, &b.subject)));
    Ok(measurements)
}

fn is_written_since(path: &Path, start: SystemTime) -> bool {
    let written = std::fs::metadata(path).and_then(|data| data.modified());
    written.is_ok_and(|written| written >= start)
}

fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).map_err(|error| at_path("read", path, &error))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::Failed(format!("{} is bad JSON: {error}", path.display())))
}

/// Puts together `benchmark.json` and `estimates.json`.
fn measurement(name: &Value, estimates: &Value) -> Option<Measurement> {
    let (row, subject) = split_name(
        name["full_id"].as_str()?,
        name["function_id"].as_str(),
        name["value_str"].as_str(),
    );
    let median = estimates["median"]["point_estimate"].as_f64()?;
    let deviation = estimates["median_abs_dev"]["point_estimate"].as_f64()?;
    Some(Measurement {
        row,
        subject,
        median,
        spread: deviation / median,
    })
}

/// Row and implementation. The implementation is the last part of the name
/// before the parameter, if there is one: `group/impl`, `group/impl/64`.
fn split_name(full: &str, function: Option<&str>, value: Option<&str>) -> (String, String) {
    let parameter = match (function, value) {
        (Some(_), Some(value)) => full.strip_suffix(value).and_then(|f| f.strip_suffix('/')),
        _ => None,
    };
    let named = parameter.unwrap_or(full);
    let (group, subject) = named.rsplit_once('/').unwrap_or((named, ""));
    let row = match value {
        Some(value) if parameter.is_some() => format!("{group}/{value}"),
        _ => group.to_owned(),
    };
    (row, subject.to_owned())
}

#[cfg(test)]
mod tests;
