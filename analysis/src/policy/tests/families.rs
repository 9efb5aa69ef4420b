//! Verdicts where methods give p-values.

use proptest::prelude::*;
use shared_types::comparison::{Answer as CaseAnswer, ComparedTestCase, Magnitude};

use super::*;

/// A test case as a method with p-values would judge it.
#[derive(Debug, Clone, Copy)]
struct Row {
    p: Option<f64>,
    percent: f64,
    relevant: bool,
}

impl Row {
    fn different(p: f64, percent: f64) -> Self {
        Self {
            p: Some(p),
            percent,
            relevant: true,
        }
    }

    fn unchanged(p: f64) -> Self {
        Self {
            p: Some(p),
            percent: 0.01,
            relevant: false,
        }
    }
}

fn judged(configuration: &str, tier: Tier, rows: &[Row]) -> Measured {
    let mut measured = measured(configuration, tier, &instructions(), &[0.0]);
    let comparison = &mut measured.comparisons[0];
    let sample = comparison.test_cases[0].clone();
    comparison.method = "perfleet".to_owned();
    comparison.test_cases = rows
        .iter()
        .enumerate()
        .map(|(number, row)| ComparedTestCase {
            name: format!("case-{number}"),
            change: Some(row.percent / 100.0),
            low: Some(row.percent / 100.0 - 0.004),
            high: Some(row.percent / 100.0 + 0.004),
            p: row.p,
            q: row.p,
            answer: row.p.map(|_| match row.relevant {
                true => CaseAnswer::Different,
                false => CaseAnswer::NotYetKnown,
            }),
            significant: row.relevant,
            relevant: row.relevant,
            magnitude: Magnitude::Medium,
            ..sample.clone()
        })
        .collect();
    measured
}

/// Numbers from 0 to 1, equally likely, from a seed (splitmix64; Steele, Lea and Flood 2014).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[test]
fn a_change_that_one_configuration_alone_would_believe_may_be_chance_among_all_of_a_request() {
    let lucky = || {
        let mut rows = vec![Row::different(0.0008, 3.0)];
        rows.extend([Row::unchanged(0.5); 9]);
        judged(X86, Tier::Gating, &rows)
    };
    let alone = by_default(&[lucky()]);
    assert_eq!(alone.verdict, Verdict::Regressed);
    assert_eq!((alone.family.questions, alone.family.called), (10, 1));

    let quiet = judged(ARM, Tier::Gating, &[Row::unchanged(0.5); 10]);
    let together = by_default(&[lucky(), quiet]);
    assert_eq!(together.verdict, Verdict::Neutral);
    assert_eq!((together.family.questions, together.family.called), (20, 0));
    let left_out = &together.opinions[1].metrics[0].left_out[0];
    assert_eq!(left_out.reason, LeftOutReason::ChanceInFamily);
    assert!((left_out.family_q.unwrap() - 0.016).abs() < 1e-12);
}

#[test]
fn a_configuration_that_has_not_answered_counts_as_so_many_questions_without_a_change() {
    let rows = [Row::different(0.0008, 3.0), Row::unchanged(0.5)];
    let early = by_default(&[judged(X86, Tier::Gating, &rows), waiting(ARM, Tier::Gating)]);
    assert_eq!((early.family.questions, early.family.expected), (2, 2));
    assert_eq!(early.verdict, Verdict::Incomplete);
    assert!(early.blocks);
    let late = by_default(&[
        judged(X86, Tier::Gating, &rows),
        judged(ARM, Tier::Gating, &[Row::unchanged(0.9); 2]),
    ]);
    assert_eq!((late.family.questions, late.family.expected), (4, 0));
    assert_eq!(late.verdict, Verdict::Regressed);
}

#[test]
fn test_cases_without_a_p_value_stay_out_of_the_family_and_keep_their_own_word() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[-1.2, 0.0]),
        judged(
            ARM,
            Tier::Gating,
            &[Row::different(1e-6, 2.0), Row::unchanged(0.3)],
        ),
    ]);
    assert_eq!(decision.verdict, Verdict::Conflict);
    assert_eq!(
        (decision.family.questions, decision.family.without_p),
        (2, 2)
    );
}

#[test]
fn a_neutral_verdict_that_rests_on_what_is_not_known_says_so_and_what_would_settle_it() {
    let decision = by_default(&[judged(X86, Tier::Gating, &[Row::unchanged(0.4); 3])]);
    assert_eq!(decision.verdict, Verdict::Neutral);
    let open = decision.open.unwrap();
    assert_eq!((open.not_yet_known, open.test_cases), (3, 3));
    assert_eq!(
        decision.sentence,
        "No change that counts on any gating configuration. Of 3 of 3 test cases it is not yet \
         known (they may hide changes of up to 0.41 %): base and head measured in pairs, or more \
         iterations, would settle it."
    );
}

#[test]
fn what_could_not_count_whatever_it_is_is_not_open() {
    let policy = Policy {
        limits: vec![Limit {
            metric: None,
            category: None,
            smallest_change: 0.005,
        }],
        ..Policy::default()
    };
    let all = [judged(X86, Tier::Gating, &[Row::unchanged(0.4); 3])];
    assert_eq!(decided(&policy, &all).open, None);
}

#[test]
fn an_advisory_configuration_is_labelled_once_another_measuring_confirms_it() {
    let worse = |tier: Tier, again: bool| {
        let mut worse = judged(ARM, tier, &[Row::different(1e-9, 4.0)]);
        worse.again = again;
        by_default(&[worse]).opinions.remove(0)
    };
    let once = worse(Tier::Advisory, false);
    assert_eq!(once.consequence, Consequence::AwaitsConfirmation);
    let again = worse(Tier::Advisory, true);
    assert_eq!(again.consequence, Consequence::Labels);
    assert!(again.confirmed);
    assert_eq!(
        worse(Tier::Experimental, true).consequence,
        Consequence::Informs
    );
    assert_eq!(worse(Tier::Gating, false).consequence, Consequence::Blocks);
}

#[test]
fn requests_that_change_nothing_are_called_a_change_in_the_stated_share_at_most() {
    const REQUESTS: u32 = 2000;
    const CONFIGURATIONS: usize = 5;
    let policy = Policy {
        false_discovery_rate: 0.05,
        ..Policy::default()
    };
    let mut random = Uniform(20_261);
    let (mut alarms, mut alarms_with_families_apart) = (0, 0);
    for _ in 0..REQUESTS {
        // As if the method itself never said no: the family alone has to hold.
        let all: Vec<Measured> = (0..CONFIGURATIONS)
            .map(|number| {
                let rows: Vec<Row> = (0..12)
                    .map(|_| Row::different(random.next(), random.next() - 0.5))
                    .collect();
                judged(&format!("a-a-{number}"), Tier::Gating, &rows)
            })
            .collect();
        let decision = decided(&policy, &all);
        alarms += u32::from(decision.verdict != Verdict::Neutral);
        let apart = all.iter().any(|one| {
            let alone = decided(&policy, std::slice::from_ref(one));
            alone.verdict != Verdict::Neutral
        });
        alarms_with_families_apart += u32::from(apart);
    }
    let share = f64::from(alarms) / f64::from(REQUESTS);
    // The true share is the rate; its standard deviation over so many requests is 0.5 %.
    assert!((0.03..=0.07).contains(&share), "{share}");
    let apart = f64::from(alarms_with_families_apart) / f64::from(REQUESTS);
    assert!(apart > 0.15, "{apart}");
}

/// A p-value, as it is where something changed or nothing did, with a change for the better or the
/// worse.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let changed =
        (-12.0..-2.0_f64, 1.0..20.0_f64, any::<bool>()).prop_map(|(p, percent, worse)| {
            Row::different(10_f64.powf(p), if worse { percent } else { -percent })
        });
    let unchanged = (0.0..=1.0_f64).prop_map(Row::unchanged);
    prop::collection::vec(prop_oneof![changed, unchanged], 5)
}

fn all_rows() -> impl Strategy<Value = Vec<(usize, Option<Vec<Row>>)>> {
    prop::collection::vec((0..3_usize, prop::option::weighted(0.8, rows())), 1..5)
}

fn of_rows(all: &[(usize, Option<Vec<Row>>)]) -> Vec<Measured> {
    let named = all.iter().enumerate();
    named
        .map(|(number, (tier, rows))| {
            let name = format!("configuration-{number}");
            match rows {
                Some(rows) => judged(&name, Tier::ALL[*tier], rows),
                None => waiting(&name, Tier::ALL[*tier]),
            }
        })
        .collect()
}

/// The rows, all of them turned to the better and beyond doubt.
fn gains(rows: &[Row]) -> Vec<Row> {
    let gain = |row: &Row| Row::different(1e-12, -row.percent.abs() - 1.0);
    rows.iter().map(gain).collect()
}

proptest! {
    #[test]
    fn the_order_of_answers_changes_nothing_of_a_decision(
        (all, places) in all_rows().prop_flat_map(|all| {
            let places: Vec<usize> = (0..all.len()).collect();
            (Just(all), Just(places).prop_shuffle())
        })
    ) {
        let mut measured = of_rows(&all);
        let decision = by_default(&measured);
        let mut turned: Vec<Measured> = Vec::new();
        for place in places {
            let waiting = waiting("taken", Tier::Gating);
            turned.push(std::mem::replace(&mut measured[place], waiting));
        }
        prop_assert_eq!(by_default(&turned), decision);
    }

    #[test]
    fn no_gain_of_one_configuration_makes_up_for_a_loss_of_another(all in all_rows()) {
        let before = by_default(&of_rows(&all));
        for loser in before.opinions.iter().filter(|one| one.consequence == Consequence::Blocks) {
            let name = loser.configuration.to_string();
            let with_gains: Vec<(usize, Option<Vec<Row>>)> = all
                .iter()
                .enumerate()
                .map(|(number, (tier, rows))| {
                    let is_loser = name == format!("configuration-{number}");
                    let turned = rows.as_ref().map(|rows| gains(rows));
                    (*tier, if is_loser { rows.clone() } else { turned })
                })
                .collect();
            let after = by_default(&of_rows(&with_gains));
            prop_assert!(after.blocks);
            prop_assert!(!matches!(after.verdict, Verdict::Improved | Verdict::Neutral));
        }
    }

    #[test]
    fn what_does_not_gate_changes_neither_verdict_nor_family(all in all_rows()) {
        let gating: Vec<_> = all.iter().filter(|(tier, _)| *tier == 0).cloned().collect();
        let (with_all, alone) = (by_default(&of_rows(&all)), by_default(&of_rows(&gating)));
        prop_assert_eq!(with_all.rule, alone.rule);
        prop_assert_eq!(with_all.blocks, alone.blocks);
        prop_assert_eq!(with_all.family, alone.family);
        prop_assert_eq!(with_all.open, alone.open);
    }

    #[test]
    fn what_blocks_early_still_blocks_when_the_others_have_answered(
        all in all_rows(),
        later in prop::collection::vec(rows(), 5),
    ) {
        let early = by_default(&of_rows(&all));
        let answered: Vec<_> = all
            .iter()
            .zip(later)
            .map(|((tier, rows), later)| (*tier, Some(rows.clone().unwrap_or(later))))
            .collect();
        // Where nobody has answered, nothing tells how many questions are to come.
        let late = by_default(&of_rows(&answered));
        for opinion in early.opinions.iter().filter(|one| one.tier == Tier::Gating) {
            for metric in &opinion.metrics {
                let same = late
                    .opinions
                    .iter()
                    .find(|one| one.configuration == opinion.configuration)
                    .map(|one| &one.metrics[0])
                    .unwrap();
                for counted in &metric.counted {
                    prop_assert!(same.counted.iter().any(|one| one.name == counted.name));
                }
            }
        }
    }

    #[test]
    fn weights_never_change_a_verdict(
        all in all_rows(),
        weights in prop::collection::vec(0.001..1000.0_f64, 5),
        secondary in 0.001..1000.0_f64,
    ) {
        let measured = of_rows(&all);
        let named = weights.iter().enumerate();
        let configurations = named
            .map(|(number, weight)| (format!("configuration-{number}").parse().unwrap(), *weight))
            .collect();
        let policy = Policy {
            weights: Weights { configurations, primary: 1.0, secondary },
            ..Policy::default()
        };
        let (weighted, plain) = (decided(&policy, &measured), by_default(&measured));
        prop_assert_eq!(weighted.rule, plain.rule);
        prop_assert_eq!(weighted.blocks, plain.blocks);
        prop_assert_eq!(weighted.family, plain.family);
    }
}
