//! Recorded hosts are examined, and mended.

use crate::execution::perf_events::{EVENTS, RefusalReason, core_pmus};
use crate::host::RecordedHost;

use super::*;

fn seen(host: &RecordedHost) -> Seen {
    Seen {
        facts: facts_in(&host.tree, "x86_64"),
        counters: CounterPlan::new(&core_pmus(&host.tree), &host.online(), &EVENTS),
        emulators: Emulators::default(),
        free_bytes: Some(40 << 30),
        clock_is_synchronised: Some(true),
    }
}

fn in_words(findings: &[Finding]) -> String {
    findings.iter().map(Finding::to_string).collect()
}

fn poor(findings: &[Finding]) -> Vec<&str> {
    let poor = findings
        .iter()
        .filter(|finding| finding.good == Some(false));
    poor.map(|finding| finding.subject).collect()
}

#[test]
fn a_host_that_was_prepared_has_nothing_to_mend() {
    let host = RecordedHost::named("amd-zen4");
    let findings = examine(&host.tree, &seen(&host));
    assert_eq!(
        poor(&findings),
        Vec::<&str>::new(),
        "{}",
        in_words(&findings)
    );
    assert_eq!(mend(&host.tree, &findings), []);
}

#[test]
fn a_desktop_as_it_was_installed_is_told_what_each_thing_costs_and_how_to_mend_it() {
    let host = RecordedHost::named("intel-hybrid");
    let mut seen = seen(&host);
    seen.free_bytes = Some(3 << 30);
    seen.clock_is_synchronised = Some(false);
    insta::assert_snapshot!(in_words(&examine(&host.tree, &seen)));
}

#[test]
fn a_virtual_machine_without_counters_is_told_what_is_left() {
    let host = RecordedHost::named("virtual-machine");
    let mut seen = seen(&host);
    let refused = RefusalReason::Refused { error: 2 };
    for event in seen.counters.groups.remove(0).events {
        seen.counters.left_out.insert(event.metric, refused.clone());
    }
    seen.emulators.qemu = true;
    seen.emulators.c_compiler = true;
    insta::assert_snapshot!(in_words(&examine(&host.tree, &seen)));
}

#[test]
fn an_arm_server_is_examined_without_what_only_others_have() {
    let host = RecordedHost::named("arm-server");
    let findings = examine(&host.tree, &seen(&host));
    let of = |subject: &str| {
        findings
            .iter()
            .find(|finding| finding.subject == subject)
            .unwrap()
    };
    assert_eq!(of("turbo").good, None);
    assert_eq!(of("temperature throttling").good, None);
    assert_eq!(of("NMI watchdog").good, None);
    assert_eq!(of("frequency governor").found, "ondemand");
    assert_eq!(of("clock source").good, Some(true));
}

#[test]
fn governors_that_differ_are_all_told_and_the_wrong_ones_alone_are_changed() {
    let host = RecordedHost::named("arm-big-little");
    let findings = examine(&host.tree, &seen(&host));
    let governor = findings
        .iter()
        .find(|finding| finding.subject == "frequency governor")
        .unwrap();
    assert_eq!(governor.found, "performance and schedutil");
    let [only] = governor.settings.as_slice() else {
        panic!("{:?}", governor.settings);
    };
    assert!(only.path.contains("policy0"), "{only:?}");
}

#[test]
fn applying_changes_the_host_and_says_what_it_changed_and_what_it_left() {
    let host = RecordedHost::named("intel-hybrid");
    let before = examine(&host.tree, &seen(&host));
    let mendings = mend(&host.tree, &before);
    let told: String = mendings.iter().map(Mending::to_string).collect();
    insta::assert_snapshot!(told);
    let read = |path: &str| host.tree.read(path).unwrap();
    assert_eq!(read("proc/sys/kernel/perf_event_paranoid"), "1");
    assert_eq!(read("proc/sys/kernel/nmi_watchdog"), "0");
    assert_eq!(read("sys/devices/system/cpu/intel_pstate/no_turbo"), "1");
    assert_eq!(read("sys/devices/system/cpu/smt/control"), "off");
    for policy in ["policy0", "policy16"] {
        let path = format!("sys/devices/system/cpu/cpufreq/{policy}/scaling_governor");
        assert_eq!(read(&path), "performance");
    }
    let after = examine(&host.tree, &seen(&host));
    let (before, after) = (poor(&before), poor(&after));
    assert!(
        before.contains(&"turbo") && !after.contains(&"turbo"),
        "{after:?}"
    );
    assert!(!after.contains(&"frequency governor"), "{after:?}");
    assert!(after.contains(&"swap"), "{after:?}");
}

#[test]
fn what_the_kernel_does_not_allow_is_told_with_its_reason_and_the_rest_is_changed() {
    let host = RecordedHost::named("intel-hybrid");
    host.protect("sys/devices/system/cpu/cpufreq/policy16/scaling_governor");
    let findings = examine(&host.tree, &seen(&host));
    let mendings = mend(&host.tree, &findings);
    let refused: Vec<&Mending> = mendings
        .iter()
        .filter(|mending| mending.is_refused())
        .collect();
    let [only] = refused.as_slice() else {
        panic!("{refused:?}");
    };
    assert_eq!(only.subject, "frequency governor");
    let is_changed = |mending: &&Mending| matches!(mending.outcome, Mended::Changed { .. });
    assert!(
        mendings.iter().filter(is_changed).count() >= 3,
        "{mendings:?}"
    );
}

#[test]
fn a_setting_that_only_the_firmware_has_is_left_to_a_person() {
    let host = RecordedHost::of([
        ("sys/devices/system/cpu/smt/active", "1"),
        ("sys/devices/system/cpu/smt/control", "forceoff"),
    ]);
    let findings = examine(&host.tree, &seen(&host));
    let smt = findings
        .iter()
        .find(|finding| finding.subject == "simultaneous multithreading")
        .unwrap();
    assert_eq!((smt.good, smt.settings.len()), (Some(false), 0));
}

#[test]
fn a_host_that_tells_nothing_is_neither_praised_nor_blamed_for_it() {
    let host = RecordedHost::of([("proc/version", "nothing else")]);
    let findings = examine(&host.tree, &seen(&host));
    let governor = findings
        .iter()
        .find(|finding| finding.subject == "frequency governor")
        .unwrap();
    assert_eq!((governor.good, governor.settings.len()), (None, 0));
    assert_eq!(poor(&findings), ["counting instructions by emulation"; 0]);
}
