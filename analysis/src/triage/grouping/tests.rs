use proptest::prelude::*;
use shared_types::object_key::ContentHash;

use super::*;

fn reference(
    (base, head): (u32, u32),
    configuration: &str,
    metric: &str,
    verdict: Verdict,
    second: i64,
) -> ComparisonReference {
    let text = format!("{base}{head}{configuration}{metric}{verdict}{second}");
    ComparisonReference {
        configuration: configuration.parse().unwrap(),
        base: format!("release-1.{base}.0").parse().unwrap(),
        head: format!("release-1.{head}.0").parse().unwrap(),
        metric: metric.to_owned(),
        method: "perfleet".to_owned(),
        input_hash: ContentHash::of(text.as_bytes()),
        verdict,
        headline: verdict.to_string(),
        request: None,
        computed_at: Timestamp::from_second(second).unwrap(),
    }
}

fn tiers() -> BTreeMap<ConfigurationId, Tier> {
    [
        ("zen4", Tier::Gating),
        ("n1", Tier::Gating),
        ("emulated", Tier::Experimental),
    ]
    .map(|(id, tier)| (id.parse().unwrap(), tier))
    .into()
}

fn found(comparisons: Vec<ComparisonReference>) -> Vec<Finding> {
    findings(&Policy::default(), &tiers(), comparisons)
}

const WALL: &str = "wall-time";
const INSTRUCTIONS: &str = "instructions:u";

#[test]
fn one_change_is_one_entry_over_all_configurations_gating_ones_first() {
    let found = found(vec![
        reference((1, 2), "emulated", WALL, Verdict::Regressed, 1),
        reference((1, 2), "zen4", WALL, Verdict::Regressed, 5),
        reference((1, 2), "n1", WALL, Verdict::Improved, 3),
        reference((2, 3), "n1", WALL, Verdict::Neutral, 4),
    ]);
    assert_eq!(found.len(), 2);
    let entry = found[0]
        .entry(&Policy::default(), None, Timestamp::UNIX_EPOCH)
        .unwrap();
    let names: Vec<&str> = entry
        .configurations
        .iter()
        .map(|one| one.configuration.as_str())
        .collect();
    assert_eq!(names, ["n1", "zen4", "emulated"]);
    assert_eq!(entry.comparison.configuration.as_str(), "zen4");
    assert_eq!(
        (entry.tier, entry.state),
        (Tier::Gating, TriageState::Untriaged)
    );
    assert_eq!(entry.found_at.as_second(), 1);
    assert!(entry.configurations[0].standing.is_none(), "it improved");
    assert!(found[0].may_be_conflict() && !found[1].changed());
}

#[test]
fn what_was_computed_again_stands_and_what_was_found_first_dates_it() {
    let found = found(vec![
        reference((1, 2), "zen4", WALL, Verdict::Mixed, 1),
        reference((1, 2), "zen4", WALL, Verdict::Regressed, 9),
        reference((1, 2), "zen4", INSTRUCTIONS, Verdict::Neutral, 1),
        reference((1, 2), "n1", WALL, Verdict::Regressed, 1),
        reference((1, 2), "n1", WALL, Verdict::Neutral, 2),
    ]);
    let zen4 = found[0].of(&"zen4".parse().unwrap()).unwrap();
    assert_eq!(
        (zen4.verdict, zen4.found_at.as_second()),
        (Verdict::Regressed, 1)
    );
    assert_eq!(zen4.comparisons.len(), 2);
    assert_eq!(
        zen4.comparisons[0].metric, WALL,
        "what got worse is told first"
    );
    let n1 = found[0].of(&"n1".parse().unwrap()).unwrap();
    assert!(!n1.got_worse(), "it was taken back");
}

#[test]
fn an_improvement_beside_an_experimental_regression_is_no_conflict() {
    let found = found(vec![
        reference((1, 2), "zen4", WALL, Verdict::Improved, 1),
        reference((1, 2), "emulated", WALL, Verdict::Regressed, 1),
    ]);
    assert!(found[0].got_worse() && !found[0].may_be_conflict());
}

#[test]
fn neither_a_a_nor_metrics_that_do_not_count_are_looked_at() {
    let policy = Policy {
        metrics: vec![INSTRUCTIONS.parse().unwrap()],
        ..Policy::default()
    };
    let comparisons = [
        reference((1, 2), "zen4", WALL, Verdict::Regressed, 1),
        reference((2, 2), "zen4", INSTRUCTIONS, Verdict::Regressed, 1),
    ];
    assert_eq!(findings(&policy, &tiers(), comparisons), []);
}

fn references() -> impl Strategy<Value = ComparisonReference> {
    let configuration = prop::sample::select(vec!["zen4", "n1", "emulated", "unregistered"]);
    let metric = prop::sample::select(vec![WALL, INSTRUCTIONS]);
    let verdict = prop::sample::select(Verdict::ALL);
    (1u32..3, configuration, metric, verdict, 0i64..9).prop_map(
        |(base, configuration, metric, verdict, second)| {
            reference((base, base + 1), configuration, metric, verdict, second)
        },
    )
}

proptest! {
    #[test]
    fn the_order_in_which_comparisons_come_changes_nothing(
        comparisons in prop::collection::vec(references(), 0..12)
    ) {
        let mut turned = comparisons.clone();
        turned.reverse();
        prop_assert_eq!(found(comparisons), found(turned));
    }

    #[test]
    fn an_entry_is_as_open_as_its_neediest_configuration(
        comparisons in prop::collection::vec(references(), 1..12)
    ) {
        for finding in found(comparisons) {
            let entry = finding.entry(&Policy::default(), None, Timestamp::UNIX_EPOCH).unwrap();
            prop_assert_eq!(finding.got_worse(), entry.state == TriageState::Untriaged);
            let worse = entry.configurations.iter().filter(|one| one.standing.is_some());
            prop_assert_eq!(worse.count(), finding.said.iter().filter(|one| one.got_worse()).count());
        }
    }

    #[test]
    fn the_inbox_begins_with_what_waits_and_gates(
        comparisons in prop::collection::vec(references(), 0..12)
    ) {
        let mut entries: Vec<TriageEntry> = found(comparisons)
            .iter()
            .filter_map(|finding| finding.entry(&Policy::default(), None, Timestamp::UNIX_EPOCH))
            .collect();
        inbox_order(&mut entries);
        for pair in entries.windows(2) {
            let rank = |entry: &TriageEntry| (!entry.state.is_open(), entry.tier);
            prop_assert!(rank(&pair[0]) <= rank(&pair[1]));
        }
    }
}
