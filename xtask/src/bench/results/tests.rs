use super::*;

#[test]
fn the_implementation_stands_before_the_parameter() {
    let split = |full, function, value| {
        let (row, subject) = split_name(full, function, value);
        format!("{row} {subject}")
    };
    assert_eq!(split("spawn/sinew", Some("sinew"), None), "spawn sinew");
    assert_eq!(split("spawn/sinew", None, None), "spawn sinew");
    assert_eq!(
        split("echo/tokio/64", Some("tokio"), Some("64")),
        "echo/64 tokio"
    );
    assert_eq!(split("net/echo/smol", Some("smol"), None), "net/echo smol");
    assert_eq!(split("spawn/smol", None, Some("smol")), "spawn smol");
    assert_eq!(split("alone", Some("alone"), None), "alone ");
}

#[test]
fn criterion_files_are_read() {
    let name: Value = serde_json::from_str(
        r#"{"group_id": "spawn", "function_id": "tokio", "value_str": null, "full_id": "spawn/tokio"}"#,
    )
    .unwrap();
    let estimates: Value = serde_json::from_str(
        r#"{"median": {"point_estimate": 200.0}, "median_abs_dev": {"point_estimate": 5.0}}"#,
    )
    .unwrap();
    let wanted = Measurement {
        row: "spawn".to_owned(),
        subject: "tokio".to_owned(),
        median: 200.0,
        spread: 0.025,
    };
    assert_eq!(measurement(&name, &estimates), Some(wanted));
    assert_eq!(measurement(&name, &Value::Null), None);
}

#[test]
fn only_this_runs_results_count() {
    let home = std::env::temp_dir().join(format!("xtask-results-{}", std::process::id()));
    let new = home.join("spawn/sinew/new");
    std::fs::create_dir_all(&new).unwrap();
    let name = r#"{"function_id": "sinew", "full_id": "spawn/sinew"}"#;
    let estimates =
        r#"{"median": {"point_estimate": 10.0}, "median_abs_dev": {"point_estimate": 1.0}}"#;
    std::fs::write(new.join("benchmark.json"), name).unwrap();
    std::fs::write(new.join("estimates.json"), estimates).unwrap();

    let before = SystemTime::UNIX_EPOCH;
    let after = SystemTime::now() + std::time::Duration::from_secs(3600);
    let found = since(&home, before);
    let stale = since(&home, after);
    std::fs::remove_dir_all(&home).unwrap();
    assert_eq!(found.unwrap().len(), 1);
    assert_eq!(stale.unwrap(), []);
}
