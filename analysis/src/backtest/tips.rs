//! Tip verdicts, back-tested: head against base when the run of head has just landed, on recorded
//! noise in which nothing changes but what was put in.

use std::collections::BTreeMap;

use shared_types::Metric;

use super::random::SeededNumbers;
use super::series::{PreparedSeries, RecordPart, RecordedSeries, exponentials};
use crate::change_points::change_points;
use crate::significance::{Evidence, HISTORY_ARTIFACTS, Judgement, SignificanceMethod};

/// The sizes of the steps that are put in, in the series' own noises.
pub const STEPS: [f64; 5] = [0.5, 1.0, 2.0, 3.0, 5.0];

/// How many artifacts there are before base at least: as many as the reference rule asks for.
const BEFORE_MIN: usize = 30;

/// At each place a change is put into one of so many test cases, one after the other: all of them at
/// all places would take long and add little, since neighbouring places share their history.
const ONE_IN: usize = 6;

/// How many times the noise of a record is put into another order: one order alone decides by chance
/// which series meet their outliers early.
const ORDERS: u64 = 4;

/// How many times series are drawn with replacement for an interval.
const DRAWS: usize = 400;

/// What one method does with one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct TipScore {
    /// The metric.
    pub metric: Metric,
    /// The method.
    pub method: String,
    /// How many comparisons without any change were judged.
    pub unchanged: usize,
    /// False alarms in 1,000 of them, as the method is shipped.
    pub false_alarms_per_1000: f64,
    /// The share of steps found as the method is shipped, by [`STEPS`].
    pub found: [f64; STEPS.len()],
    /// The share of steps found if the method gave as many false alarms as the first one does as it
    /// is shipped, by [`STEPS`].
    pub found_at_equal_alarms: [Share; STEPS.len()],
}

/// A share with an interval that holds the truth in 95 of 100 cases, by drawing series anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Holds methods side by side on recorded series. The first method sets the rate of false alarms at
/// which all are compared. The same seed gives the same scores.
pub fn tip_scores(
    series: &[RecordedSeries],
    part: RecordPart,
    methods: &[&dyn SignificanceMethod],
    seed: u64,
) -> Vec<TipScore> {
    let mut scores = Vec::new();
    for (metric, families) in families_by_metric(series, part, seed) {
        let judged: Vec<Judged> = methods
            .iter()
            .map(|method| Judged::by(*method, &metric, &families))
            .collect();
        let Some(reference) = judged.first() else {
            continue;
        };
        let rate = share_of(&reference.alarms);
        for (method, judged) in methods.iter().zip(&judged) {
            scores.push(judged.score(&metric, method.name(), rate, seed));
        }
    }
    scores
}

/// The cases that are judged together: one head over all test cases of a configuration.
struct Family {
    /// Which series each case comes from, over all families of the metric.
    series: Vec<usize>,
    unchanged: Vec<Evidence>,
    /// One noise of each series, on the log scale.
    noises: Vec<f64>,
}

fn families_by_metric(
    series: &[RecordedSeries],
    part: RecordPart,
    seed: u64,
) -> Vec<(Metric, Vec<Family>)> {
    let mut by_metric: BTreeMap<&str, (Metric, BTreeMap<&str, Vec<&RecordedSeries>>)> =
        BTreeMap::new();
    for one in series {
        let (_, by_configuration) = by_metric
            .entry(one.metric.name.as_str())
            .or_insert_with(|| (one.metric.clone(), BTreeMap::new()));
        by_configuration
            .entry(&one.configuration)
            .or_default()
            .push(one);
    }
    let mut number = 0;
    by_metric
        .into_values()
        .map(|(metric, by_configuration)| {
            let mut families = Vec::new();
            for series in by_configuration.into_values() {
                for order in 0..ORDERS {
                    let seed = seed.wrapping_mul(ORDERS).wrapping_add(order);
                    families.extend(families_of_configuration(&series, part, seed, number));
                }
                number += series.len();
            }
            (metric, families)
        })
        .collect()
}

fn families_of_configuration(
    series: &[&RecordedSeries],
    part: RecordPart,
    seed: u64,
    first: usize,
) -> Vec<Family> {
    let mut by_place: BTreeMap<usize, Family> = BTreeMap::new();
    for (number, one) in series.iter().enumerate() {
        let (values, scored_from) = part.of(&one.values);
        let Some(prepared) = PreparedSeries::new(values, &change_points(values)) else {
            continue;
        };
        let from = scored_from.max(BEFORE_MIN + 1);
        let places: Vec<usize> = (from..prepared.len()).collect();
        let mut numbers = SeededNumbers::part(seed, (first + number) as u64);
        let logs = prepared.with_own_levels(&mut numbers);
        for place in places {
            // Where the record itself changes, nothing unchanged can be judged.
            if prepared.levels()[place] != prepared.levels()[place - 1] {
                continue;
            }
            let base = place - 1;
            let before = base.saturating_sub(HISTORY_ARTIFACTS);
            let family = by_place.entry(place).or_insert_with(|| Family {
                series: Vec::new(),
                unchanged: Vec::new(),
                noises: Vec::new(),
            });
            family.series.push(first + number);
            family.noises.push(prepared.noise());
            family.unchanged.push(Evidence::of_single_values(
                &exponentials(&logs[before..base]),
                logs[base].exp(),
                logs[place].exp(),
            ));
        }
    }
    by_place.into_values().collect()
}

/// What a method said of every case: for each, its series, whether it was called a change, and how
/// much it looked like one.
struct Judged {
    alarms: Vec<Said>,
    found: [Vec<Said>; STEPS.len()],
}

#[derive(Clone, Copy)]
struct Said {
    series: usize,
    significant: bool,
    /// The larger, the more it looks like a change; comparable within one method.
    evidence: f64,
}

impl Judged {
    fn by(method: &dyn SignificanceMethod, metric: &Metric, families: &[Family]) -> Self {
        let mut judged = Self {
            alarms: Vec::new(),
            found: Default::default(),
        };
        for (place, family) in families.iter().enumerate() {
            let unchanged = &family.unchanged;
            let judgements = method.judge(metric, unchanged);
            judged
                .alarms
                .extend(family.series.iter().zip(&judgements).map(said));
            for (step, found) in STEPS.iter().zip(&mut judged.found) {
                // One test case changes and its siblings do not, or they would help it.
                let all = family.series.iter().enumerate();
                for (number, series) in all.skip(place % ONE_IN).step_by(ONE_IN) {
                    let mut cases = unchanged.clone();
                    let moved = (step * family.noises[number]).exp();
                    for value in &mut cases[number].head.iterations {
                        *value *= moved;
                    }
                    let judgements = method.judge(metric, &cases);
                    found.push(said((series, &judgements[number])));
                }
            }
        }
        judged
    }

    fn score(&self, metric: &Metric, method: &str, rate: f64, seed: u64) -> TipScore {
        let limit = limit_for(&self.alarms, rate);
        TipScore {
            metric: metric.clone(),
            method: method.to_owned(),
            unchanged: self.alarms.len(),
            false_alarms_per_1000: 1000.0 * share_of(&self.alarms),
            found: std::array::from_fn(|step| share_of(&self.found[step])),
            found_at_equal_alarms: std::array::from_fn(|step| {
                let mut numbers = SeededNumbers::part(seed, step as u64);
                share_above(&self.found[step], limit, &mut numbers)
            }),
        }
    }
}

fn said((series, judgement): (&usize, &Judgement)) -> Said {
    let evidence = match (judgement.p, judgement.change, judgement.threshold) {
        (Some(p), ..) => -p.max(f64::MIN_POSITIVE).ln(),
        (None, Some(change), Some(threshold)) if change != 0.0 => change.abs() / threshold,
        _ => 0.0,
    };
    Said {
        series: *series,
        significant: judgement.significant,
        evidence,
    }
}

fn share_of(said: &[Said]) -> f64 {
    let significant = said.iter().filter(|one| one.significant).count();
    significant as f64 / said.len().max(1) as f64
}

/// The evidence beyond which no more than this share of the unchanged cases lies.
fn limit_for(unchanged: &[Said], rate: f64) -> f64 {
    let mut evidence: Vec<f64> = unchanged.iter().map(|one| one.evidence).collect();
    evidence.sort_by(|one, other| other.total_cmp(one));
    let allowed = (rate * evidence.len() as f64).floor() as usize;
    evidence.get(allowed).copied().unwrap_or(0.0)
}

fn share_above(said: &[Said], limit: f64, numbers: &mut SeededNumbers) -> Share {
    // Found and all, by series: cases of one series are alike, so series are what is drawn anew.
    let mut by_series: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for one in said {
        let (found, all) = by_series.entry(one.series).or_default();
        *found += f64::from(u8::from(one.evidence > limit));
        *all += 1.0;
    }
    let series: Vec<(f64, f64)> = by_series.into_values().collect();
    let share = |drawn: &mut dyn Iterator<Item = (f64, f64)>| {
        let (found, all) = drawn.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if all > 0.0 { found / all } else { 0.0 }
    };
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let mut drawn = (0..series.len()).map(|_| series[numbers.below(series.len())]);
            share(&mut drawn)
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    Share {
        share: share(&mut series.iter().copied()),
        low: draws[DRAWS * 25 / 1000],
        high: draws[DRAWS * 975 / 1000],
    }
}

/// The scores as a table of Markdown.
pub fn tip_table(scores: &[TipScore]) -> String {
    let steps = STEPS.map(|step| format!("{step}\u{3c3}")).join(" | ");
    let rule = "---:|".repeat(STEPS.len());
    let mut table = format!(
        "| metric | method | false alarms in 1,000 | found as shipped: {steps} | found at equal false \
         alarms: {steps} |\n|---|---|---:|{rule}{rule}\n"
    );
    for score in scores {
        let found = score.found.map(percent).join(" | ");
        let equal = score.found_at_equal_alarms.map(|share| {
            format!(
                "{} ({} to {})",
                percent(share.share),
                percent(share.low),
                percent(share.high)
            )
        });
        table.push_str(&format!(
            "| {} | {} | {:.1} | {found} | {} |\n",
            score.metric.name,
            score.method,
            score.false_alarms_per_1000,
            equal.join(" | ")
        ));
    }
    table
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use shared_types::Unit;

    use super::*;
    use crate::rustc_perf::RustcPerfRule;
    use crate::segment_level::SegmentLevel;

    fn recorded() -> Vec<RecordedSeries> {
        let mut numbers = SeededNumbers::new(3);
        (0..10)
            .map(|number| RecordedSeries {
                configuration: format!("c{}", number / 5),
                test_case: format!("case-{number}"),
                metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
                values: (0..80).map(|_| (0.004 * numbers.normal()).exp()).collect(),
            })
            .collect()
    }

    #[test]
    fn at_equal_false_alarms_the_level_of_base_finds_more_than_base_alone() {
        let methods: [&dyn SignificanceMethod; 2] = [&RustcPerfRule, &SegmentLevel];
        let part = RecordPart::Whole;
        let scores = tip_scores(&recorded(), part, &methods, 7);
        let [reference, ours] = scores.as_slice() else {
            panic!("{scores:?}");
        };
        assert_eq!(reference.unchanged, ours.unchanged);
        let [found_by_reference, found] =
            [reference, ours].map(|score| score.found_at_equal_alarms);
        for step in 3..STEPS.len() {
            let (theirs, own) = (found_by_reference[step], found[step]);
            assert!(own.share > theirs.share, "{step}: {own:?} {theirs:?}");
            assert!(own.low <= own.share && own.share <= own.high);
        }
        assert!(found[4].share > 0.8, "{found:?}");
        assert_eq!(scores, tip_scores(&recorded(), part, &methods, 7));
    }

    #[test]
    fn a_table_has_a_line_for_each_method() {
        let methods: [&dyn SignificanceMethod; 1] = [&SegmentLevel];
        let held_out = RecordPart::HeldOut {
            held_out: 20,
            lead_in: 60,
        };
        let table = tip_table(&tip_scores(&recorded(), held_out, &methods, 7));
        assert_eq!(table.lines().count(), 3, "{table}");
        assert!(table.contains("| wall-time | perfleet | "), "{table}");
    }
}
