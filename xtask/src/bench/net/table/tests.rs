use super::*;
use crate::bench::net::server::{callgrind_total, strace_total};

#[test]
fn medians_are_shown_and_what_was_not_counted_is_a_dash() {
    let mut row = Row::new("sinew");
    for per_second in [3.0, 1.0, 2.0] {
        row.samples.push(Sample {
            per_second,
            p50: 10.0 * per_second,
            ..Sample::default()
        });
    }
    row.calls = Some(2.034);
    let text = render(&[row]);
    let words: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        words,
        ["sinew", "2", "20.0", "0.0", "0.0", "0.0", "2.03", "-"]
    );
}

#[test]
fn a_table_of_all_traffic_names_each_kind_once() {
    let tables = [
        ("tcp/1x64", vec![Row::new("sinew"), Row::new("tokio")]),
        ("udp/1x64", vec![Row::new("sinew")]),
    ];
    let text = render_markdown(&tables);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2 + 3);
    assert!(lines[2].starts_with("| tcp/1x64 | sinew | "));
    assert!(lines[3].starts_with("|  | tokio | "));
    assert!(lines[4].starts_with("| udp/1x64 | sinew | "));
    // Not counted: empty.
    assert!(lines[2].ends_with("|  |  |"));
    let columns = |line: &str| line.matches('|').count();
    assert!(lines.iter().all(|line| columns(line) == columns(lines[0])));
}

#[test]
fn the_line_of_the_load() {
    let line = r#"{"requests":2000,"nanos":1000000000,"cpu_nanos":4000000,"p50":5000,"p99":6000,"p999":7000}"#;
    let sample = Sample::parse(line).unwrap();
    assert_eq!(sample.per_second, 2000.0);
    assert_eq!(sample.cpu_per_request, 2.0);
    assert_eq!(sample.p999, 7.0);
    assert!(Sample::parse("nothing").is_err());
}

#[test]
fn totals_of_the_counting_tools() {
    let strace = "% time seconds usecs/call calls errors syscall\n\
                  ------ ----------- ----------- --------- --------- ----------------\n\
                  100.00    0.001234           3     12345        67 total\n";
    assert_eq!(strace_total(strace), Some(12345.0));
    let without_errors = "100.00    0.001234           3     12345           total";
    assert_eq!(strace_total(without_errors), Some(12345.0));
    assert_eq!(strace_total("nothing"), None);
    assert_eq!(callgrind_total("events: Ir\nsummary: 77\n"), Some(77.0));
    assert_eq!(callgrind_total("fn=(1)\ntotals: 78\n"), Some(78.0));
    assert_eq!(callgrind_total("nothing"), None);
}
