use super::*;

fn configuration(name: &str) -> ConfigurationId {
    name.parse().unwrap()
}

#[test]
fn all_that_an_agent_has_done_is_told_in_one_text() {
    let configurations = [
        configuration("x86_64-llvm"),
        configuration("x86_64-cranelift"),
    ];
    let mut telemetry = Telemetry::new("0.1.0".to_owned(), &configurations);
    telemetry.started_at = Timestamp::UNIX_EPOCH;
    let [llvm, cranelift] = &configurations;
    telemetry.polled(llvm, true);
    telemetry.polled(cranelift, false);
    telemetry.ended(llvm, JobEnd::Delivered);
    telemetry.ended(llvm, JobEnd::Failed);
    telemetry.ended(llvm, JobEnd::Delivered);
    telemetry.measured_for(Duration::from_millis(1_500));
    telemetry.delivery_failed();
    telemetry.began(cranelift);
    telemetry.progressed(&JobProgress {
        done: 3,
        total: 12,
        current: "syn/check".to_owned(),
    });
    telemetry.leaves_for_update(true);
    let minute = Timestamp::from_second(60).unwrap();
    telemetry.count(|counts| {
        counts.last_contact = Some(Timestamp::UNIX_EPOCH);
        if let Some(job) = &mut counts.job {
            job.begun_at = Timestamp::UNIX_EPOCH;
        }
    });
    let disk = OnDisk {
        spool_objects: 2,
        spool_bytes: 1_000,
        spool_age_s: 90.0,
        toolchain_cache_bytes: Some(7),
        free_bytes: Some(10),
    };
    insta::assert_snapshot!(telemetry.text(&disk, minute));
}

#[test]
fn what_is_not_known_is_left_out_and_an_idle_agent_has_no_job() {
    let telemetry = Telemetry::new("0.1.0".to_owned(), &[configuration("c")]);
    let text = telemetry.text(&OnDisk::default(), Timestamp::now());
    for absent in [
        "job_age_seconds",
        "last_contact",
        "disk_free",
        "cache_bytes",
    ] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    assert!(
        text.contains("\nperfleet_collector_job_running 0\n"),
        "{text}"
    );
}
