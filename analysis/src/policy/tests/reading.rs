use proptest::prelude::*;
use shared_types::{Category, Tier};

use super::super::{GatingRules, Policy};

const EXAMPLE: &str = r#"
version = 1
decides = "the compiler performance team"
false_discovery_rate = 0.02
metrics = ["instructions:u", "wall-time"]

[tiers]
x86_64-zen4-llvm-t1 = "gating"
aarch64-qemu-llvm-t1 = "experimental"

[weights.configurations]
x86_64-zen4-llvm-t1 = 2

[weights.categories]
secondary = 0.25

[[limits]]
metric = "wall-time"
smallest_change = 0.02

[[limits]]
category = "secondary"
smallest_change = 0.03

[triage]
acknowledge_within_days = 2
fix_within_days = 10

[triage.owners]
aarch64-qemu-llvm-t1 = "the ARM maintainers"

[gating]
days_measured = 14
a_a_comparisons = 10
largest_false_alarm_rate = 0.2
hosts = 1
largest_failed_share = 0.02
"#;

fn refused(text: &str) -> String {
    Policy::parse(text).unwrap_err().to_string()
}

#[test]
fn a_policy_is_read() {
    let policy = Policy::parse(EXAMPLE).unwrap();
    let (wall, instructions) = (
        "wall-time".parse().unwrap(),
        "instructions:u".parse().unwrap(),
    );
    assert_eq!(policy.decides, "the compiler performance team");
    assert_eq!(policy.false_discovery_rate, 0.02);
    let zen4 = "x86_64-zen4-llvm-t1".parse().unwrap();
    assert_eq!(policy.weights.configuration(&zen4), 2.0);
    assert_eq!(policy.weights.category(Category::Primary), 1.0);
    assert_eq!(policy.weights.category(Category::Secondary), 0.25);
    assert!(policy.asks_for(&wall) && !policy.asks_for(&"max-rss".parse().unwrap()));
    assert_eq!(policy.limit(&wall, Category::Primary), 0.02);
    assert_eq!(
        policy.limit(&wall, Category::Secondary),
        0.03,
        "the largest that applies"
    );
    assert_eq!(policy.limit(&instructions, Category::Primary), 0.0);
    let emulated = "aarch64-qemu-llvm-t1".parse().unwrap();
    assert_eq!(policy.tier(&emulated, Tier::Gating), Tier::Experimental);
    assert_eq!(
        policy.tier(&"other".parse().unwrap(), Tier::Advisory),
        Tier::Advisory
    );
}

#[test]
fn who_looks_and_what_may_gate_is_read() {
    let policy = Policy::parse(EXAMPLE).unwrap();
    assert_eq!(policy.triage.acknowledge_within_days, 2);
    assert_eq!(policy.triage.fix_within_days, 10);
    let emulated = "aarch64-qemu-llvm-t1".parse().unwrap();
    assert_eq!(policy.owner(&emulated), "the ARM maintainers");
    let other = "other".parse().unwrap();
    assert_eq!(policy.owner(&other), "the compiler performance team");
    let gating = GatingRules {
        days_measured: 14,
        a_a_comparisons: 10,
        largest_false_alarm_rate: 0.2,
        hosts: 1,
        largest_failed_share: 0.02,
    };
    assert_eq!(policy.gating, gating);
}

#[test]
fn what_people_are_asked_to_do_is_within_reason_or_refused() {
    insta::assert_snapshot!(
        [
            refused("version = 1\n[triage]\nacknowledge_within_days = 0"),
            refused("version = 1\n[triage]\nfix_within_days = 9999"),
            refused("version = 1\n[triage]\nfix_within_weeks = 2"),
            refused("version = 1\n[triage.owners]\nc = \" \""),
            refused("version = 1\n[triage.owners]\n\"a b\" = \"ada\""),
            refused("version = 1\n[gating]\ndays_measured = -1"),
            refused("version = 1\n[gating]\na_a_comparisons = 21"),
            refused("version = 1\n[gating]\nlargest_false_alarm_rate = 1.0"),
            refused("version = 1\n[gating]\nlargest_failed_share = nan"),
            refused("version = 1\n[gating]\nhosts = 0"),
        ]
        .join("\n---\n")
    );
}

#[test]
fn the_shortest_policy_is_the_default() {
    assert_eq!(Policy::parse("version = 1").unwrap(), Policy::default());
}

#[test]
fn what_is_not_understood_is_refused_and_said() {
    insta::assert_snapshot!(
        [
            refused(""),
            refused("version = 2"),
            refused("version = 1\nweight = 3"),
            refused("version = 1\nweights = 3"),
            refused("version = 1\n[tiers]\nc = \"blocking\""),
            refused("version = 1\n[[limits]]\nsmallest_change = 2.0"),
            refused("version = 1\n[[limits]]\nsmallest_change = nan"),
            refused("version = 1\ndecides = \" \""),
            refused("version = 1\nfalse_discovery_rate = 5"),
            refused("version = 1\nmetrics = []"),
            refused("version = 1\nmetrics = [\n  \"wall-time\",\n  \"wall-time\",\n]"),
            refused("version = 1\n[weights.configurations]\nc = 0"),
            refused("version = 1\n[weights.categories]\ntertiary = 1"),
            refused("version = 1\n[weights.categories]\nprimary = 0\nsecondary = 0"),
            refused("version = 1\n[weights.categories]\nsecondary = -1"),
            refused(
                "version = 1\n[[limits]]\nsmallest_change = 0.1\n\n[[limits]]\nsmallest_change = 0.2"
            ),
            refused(
                "version = 1\nmetrics = [\"wall-time\"]\n[[limits]]\nmetric = \"max-rss\"\n\
                 smallest_change = 0.1"
            ),
        ]
        .join("\n---\n")
    );
}

proptest! {
    /// Whatever numbers are written, the policy holds just them, or says that it does not.
    #[test]
    fn numbers_for_people_are_taken_as_they_are_or_refused(
        days in 0u32..500, comparisons in 0u32..30, share in -0.5f64..1.5
    ) {
        let text = format!(
            "version = 1\n[triage]\nacknowledge_within_days = {days}\n[gating]\n\
             a_a_comparisons = {comparisons}\nlargest_failed_share = {share:?}"
        );
        let is_sound = (1..=365).contains(&days)
            && (1..=20).contains(&comparisons)
            && (0.0..1.0).contains(&share);
        match Policy::parse(&text) {
            Ok(policy) => {
                prop_assert!(is_sound);
                prop_assert_eq!(policy.triage.acknowledge_within_days, days);
                prop_assert_eq!(policy.gating.a_a_comparisons, comparisons);
                prop_assert_eq!(policy.gating.largest_failed_share, share);
            }
            Err(_) => prop_assert!(!is_sound),
        }
    }

    #[test]
    fn no_text_makes_it_panic(place in 0..EXAMPLE.len(), replacement in ".{0,6}") {
        let mut text = String::new();
        let mut letters = EXAMPLE.chars();
        text.extend(letters.by_ref().take(place));
        text.push_str(&replacement);
        text.extend(letters.skip(1));
        let _ = Policy::parse(&text);
    }
}
