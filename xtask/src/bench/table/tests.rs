use super::*;

fn measured(row: &str, subject: &str, median: f64, spread: f64) -> Measurement {
    Measurement {
        row: row.to_owned(),
        subject: subject.to_owned(),
        median,
        spread,
    }
}

#[test]
fn ratios_are_the_peers_time_over_ours() {
    let table = ratios(&[
        measured("spawn", "sinew", 2000.0, 0.01),
        measured("spawn", "tokio", 3000.0, 0.02),
        measured("yield", "sinew", 10.0, 0.0),
        measured("yield", "smol", 5.0, 0.0),
        measured("theirs", "tokio", 1.0, 0.0),
    ]);
    let lines: Vec<&str> = table.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "| benchmark | sinew | smol | tokio |",
            "|---|---:|---:|---:|",
            "| spawn | 2.00 µs ±1.0 % | – | 1.50 ±3.0 % |",
            "| yield | 10.00 ns ±0.0 % | 0.50 ±0.0 % | – |",
        ]
    );
}

#[test]
fn no_pair_makes_no_table() {
    assert_eq!(ratios(&[measured("spawn", "sinew", 1.0, 0.0)]), "");
    assert_eq!(ratios(&[measured("spawn", "tokio", 1.0, 0.0)]), "");
    assert_eq!(hooks(&[measured("hooks/leaf", "with", 1.0, 0.0)]), "");
}

#[test]
fn hooks_are_differences_within_a_bound() {
    let table = hooks(&[
        measured("hooks/leaf", "without", 10.0, 0.0),
        measured("hooks/leaf", "with", 11.5, 0.0),
        measured("hooks/provider", "without", 10.0, 0.0),
        measured("hooks/provider", "with", 12.5, 0.0),
    ]);
    let lines: Vec<&str> = table.lines().skip(2).collect();
    assert_eq!(lines.len(), 2, "{table}");
    assert!(lines[0].ends_with("| 1.50 ns | within |"), "{table}");
    assert!(lines[1].ends_with("| 2.50 ns | OVER |"), "{table}");
}

#[test]
fn times_have_a_fitting_unit() {
    assert_eq!(time(0.5), "0.50 ns");
    assert_eq!(time(1500.0), "1.50 µs");
    assert_eq!(time(2.5e6), "2.50 ms");
    assert_eq!(time(3e9), "3.00 s");
}
