//! Compares head with base, within one configuration, for one metric.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::comparison::{ComparedTestCase, Comparison, MissingTestCase, Verdict};
use shared_types::format::Versioned;
use shared_types::result_document::MeasuringFailure;
use shared_types::{Metric, MetricName, Scenario, TestCase};

use crate::AnalysisError;
use crate::direction;
use crate::explanation::{QueryTimes, explain};
use crate::history_warnings::{Sides, warnings};
use crate::run_values::check_same_configuration;
use crate::significance::{Evidence, Judgement, Sample, SignificanceMethod};
use crate::summary::summarise;
use crate::words::{self, Names};

pub use crate::run_values::{CaseValues, InterleavedValue, RunValues, pool};
pub use crate::series_history::SeriesHistory;

/// Compares `head` with `base` for one metric. The headline calls the artifacts by their ids; see
/// [`words::headline`] for better names.
///
/// # Errors
/// When the two were not measured under one configuration, or `metric` is on neither side, or is
/// not the same metric on both.
pub fn compare(
    base: &RunValues,
    head: &RunValues,
    metric: &MetricName,
    history: &SeriesHistory,
    method: &dyn SignificanceMethod,
) -> Result<Comparison, AnalysisError> {
    check_same_configuration(
        (&base.configuration, &base.record),
        (&head.configuration, &head.record),
    )?;
    let metric = common_metric(base, head, metric)?;
    let matched = match_cases(base, head, metric);
    let evidence = evidence_of_all(&matched, (base, head), metric, history);
    let judgements = method.judge(metric, &evidence);
    let rows: Vec<ComparedTestCase> = matched
        .both
        .iter()
        .zip(evidence)
        .zip(judgements)
        .map(|(((base, head), evidence), judgement)| row(base, head, evidence, judgement))
        .collect();
    let mut comparison = Comparison {
        format: Comparison::VERSION,
        schema: u32::from(Comparison::VERSION.major),
        configuration: base.configuration.clone(),
        base: base.side.clone(),
        head: head.side.clone(),
        metric: metric.name.to_string(),
        metric_details: metric.clone(),
        metrics: shared_metrics(base, head),
        method: method.name().to_owned(),
        method_version: method.version().to_owned(),
        verdict: if rows.is_empty() {
            Verdict::Incomplete
        } else {
            direction::verdict(metric, &rows)
        },
        headline: String::new(),
        a_a: base.side.artifact == head.side.artifact,
        summary: summarise(metric, &rows),
        warnings: warnings(
            &Sides {
                base,
                head,
                history,
            },
            metric,
            method.name(),
            &rows,
        ),
        explanations: explain(&metric.name, &rows, &query_times(&matched.both)),
        test_cases: rows,
        missing: matched.missing,
    };
    comparison.headline = words::headline(&comparison, &Names::of(&comparison));
    Ok(comparison)
}

/// Where the time of base and of head went, for each test case that both recorded.
fn query_times(both: &[(&CaseValues, &CaseValues)]) -> Vec<QueryTimes> {
    let times = both.iter().filter_map(|(base, head)| {
        QueryTimes::of(&head.test_case, &base.self_profiles, &head.self_profiles)
    });
    times.collect()
}

/// What a method judges of each test case that both sides have, in the order of the rows of their
/// comparison.
pub(crate) fn gather_evidence(
    base: &RunValues,
    head: &RunValues,
    metric: &Metric,
    history: &SeriesHistory,
) -> Vec<Evidence> {
    let matched = match_cases(base, head, metric);
    evidence_of_all(&matched, (base, head), metric, history)
}

fn evidence_of_all(
    matched: &Matched<'_>,
    (base, head): (&RunValues, &RunValues),
    metric: &Metric,
    history: &SeriesHistory,
) -> Vec<Evidence> {
    let both = matched.both.iter();
    both.map(|(base_case, head_case)| {
        evidence((base, base_case), (head, head_case), metric, history)
    })
    .collect()
}

fn common_metric<'a>(
    base: &'a RunValues,
    head: &'a RunValues,
    name: &MetricName,
) -> Result<&'a Metric, AnalysisError> {
    match (base.metric(name), head.metric(name)) {
        (Some(of_base), Some(of_head)) if of_base != of_head => {
            Err(AnalysisError::MetricDefinedDifferently {
                metric: name.clone(),
            })
        }
        (Some(metric), _) | (None, Some(metric)) => Ok(metric),
        (None, None) => {
            let measured: BTreeSet<&str> = base
                .metrics
                .iter()
                .chain(&head.metrics)
                .map(|metric| metric.name.as_str())
                .collect();
            let measured: Vec<&str> = measured.into_iter().collect();
            Err(AnalysisError::MetricNotMeasured {
                metric: name.clone(),
                measured: if measured.is_empty() {
                    "none".to_owned()
                } else {
                    measured.join(", ")
                },
            })
        }
    }
}

fn shared_metrics(base: &RunValues, head: &RunValues) -> Vec<Metric> {
    let shared = base.metrics.iter();
    shared
        .filter(|metric| head.metrics.contains(metric))
        .cloned()
        .collect()
}

struct Matched<'a> {
    both: Vec<(&'a CaseValues, &'a CaseValues)>,
    missing: Vec<MissingTestCase>,
}

/// Puts base and head of each test case together, and says why where that cannot be done.
fn match_cases<'a>(base: &'a RunValues, head: &'a RunValues, metric: &Metric) -> Matched<'a> {
    let of_base = by_test_case(base);
    let of_head = by_test_case(head);
    let all: BTreeSet<&TestCase> = of_base.keys().chain(of_head.keys()).copied().collect();
    let mut matched = Matched {
        both: Vec::new(),
        missing: Vec::new(),
    };
    for test_case in &all {
        let having = |cases: &BTreeMap<&'a TestCase, Vec<&'a CaseValues>>| {
            let cases = cases.get(*test_case).into_iter().flatten().copied();
            let having: Vec<&'a CaseValues> = cases
                .filter(|case| has_metric(case, &metric.name))
                .collect();
            having
        };
        let (in_base, in_head) = (having(&of_base), having(&of_head));
        // The epoch that head measured last is behind its others.
        let same_epoch = in_head.iter().rev().find_map(|head| {
            let mut of_base = in_base.iter();
            let base = of_base.find(|base| base.epoch == head.epoch)?;
            Some((*base, *head))
        });
        if let Some(pair) = same_epoch {
            matched.both.push(pair);
        } else if !in_base.is_empty() || !in_head.is_empty() {
            let reason = reason_missing(test_case, &in_base, &in_head, (base, head), metric);
            matched.missing.push(MissingTestCase {
                name: test_case.name(),
                in_base: !in_base.is_empty(),
                in_head: !in_head.is_empty(),
                reason,
            });
        }
    }
    let failed = failed_on_both_sides(&all, base, head);
    matched.missing.extend(failed);
    matched
}

fn by_test_case(run: &RunValues) -> BTreeMap<&TestCase, Vec<&CaseValues>> {
    let mut by_test_case: BTreeMap<&TestCase, Vec<&CaseValues>> = BTreeMap::new();
    for case in &run.cases {
        by_test_case.entry(&case.test_case).or_default().push(case);
    }
    by_test_case
}

fn has_metric(case: &CaseValues, metric: &MetricName) -> bool {
    let values = case.values.get(metric);
    values.is_some_and(|values| values.iter().any(|value| value.is_finite()))
}

fn reason_missing(
    test_case: &TestCase,
    in_base: &[&CaseValues],
    in_head: &[&CaseValues],
    (base, head): (&RunValues, &RunValues),
    metric: &Metric,
) -> Option<String> {
    if let (Some(of_base), Some(of_head)) = (in_base.last(), in_head.last()) {
        return Some(format!(
            "measured in another epoch (base {}, head {}): what is compiled, or how it is measured, \
             has changed, so base has to be measured again",
            of_base.epoch, of_head.epoch
        ));
    }
    let (side, lacking) = if in_base.is_empty() {
        ("base", base)
    } else {
        ("head", head)
    };
    if let Some(failure) = failure_of(lacking, test_case) {
        return Some(format!("{side}: {}", described(failure)));
    }
    let measured = lacking
        .cases
        .iter()
        .any(|case| case.test_case == *test_case);
    Some(if measured {
        format!("{side} did not measure {}", metric.name)
    } else {
        format!("{side} did not measure it")
    })
}

fn failure_of<'a>(run: &'a RunValues, test_case: &TestCase) -> Option<&'a MeasuringFailure> {
    run.failures
        .iter()
        .find(|failure| failure.explains(test_case))
}

fn described(failure: &MeasuringFailure) -> String {
    format!("{}: {}", failure.kind, failure.message)
}

/// What neither side could measure has no test case to be listed under, and must not get lost.
fn failed_on_both_sides(
    measured: &BTreeSet<&TestCase>,
    base: &RunValues,
    head: &RunValues,
) -> Vec<MissingTestCase> {
    let mut failed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (side, run) in [("base", base), ("head", head)] {
        for failure in &run.failures {
            if measured.iter().any(|test_case| failure.explains(test_case)) {
                continue;
            }
            let reasons = failed.entry(failure.name()).or_default();
            reasons.push(format!("{side}: {}", described(failure)));
        }
    }
    let failed = failed.into_iter().map(|(name, mut reasons)| {
        reasons.dedup();
        MissingTestCase {
            name,
            in_base: false,
            in_head: false,
            reason: Some(reasons.join("; ")),
        }
    });
    failed.collect()
}

fn evidence(
    base: (&RunValues, &CaseValues),
    head: (&RunValues, &CaseValues),
    metric: &Metric,
    history: &SeriesHistory,
) -> Evidence {
    let (base_run, base) = base;
    let (head_run, head) = head;
    let hosts = &head_run.hosts;
    Evidence {
        base: sample(base_run, base, &metric.name),
        head: sample(head_run, head, &metric.name),
        pairs: pairs(base, head, &metric.name),
        history: history.of(&metric.name, &base.test_case, &base.epoch, hosts),
        on_one_host: base_run.hosts.iter().any(|host| hosts.contains(host)),
        incremental: is_incremental(&head.test_case),
    }
}

fn sample(run: &RunValues, case: &CaseValues, metric: &MetricName) -> Sample {
    let iterations = finite_values(case, metric);
    let replicates = run.replicates.len().clamp(1, iterations.len().max(1));
    Sample {
        iterations,
        replicates: u32::try_from(replicates).unwrap_or(u32::MAX),
    }
}

fn is_incremental(test_case: &TestCase) -> bool {
    match test_case {
        TestCase::Compile { scenario, .. } => *scenario != Scenario::Full,
        _ => false,
    }
}

fn finite_values(case: &CaseValues, metric: &MetricName) -> Vec<f64> {
    let values = case.values.get(metric).into_iter().flatten().copied();
    values.filter(|value| value.is_finite()).collect()
}

fn pairs(base: &CaseValues, head: &CaseValues, metric: &MetricName) -> Vec<(f64, f64)> {
    let of = |case: &CaseValues| -> BTreeMap<_, f64> {
        let values = case.interleaved.get(metric).into_iter().flatten();
        values.map(|value| (value.origin, value.value)).collect()
    };
    let of_head = of(head);
    of(base)
        .into_iter()
        .filter_map(|(origin, base)| Some((base, *of_head.get(&origin)?)))
        .filter(|(base, head)| base.is_finite() && head.is_finite())
        .collect()
}

fn row(
    base: &CaseValues,
    head: &CaseValues,
    evidence: Evidence,
    judgement: Judgement,
) -> ComparedTestCase {
    ComparedTestCase {
        name: head.test_case.name(),
        test_case: head.test_case.clone(),
        category: head.category.or(base.category),
        base: judgement.base,
        head: judgement.head,
        change: judgement.change,
        low: judgement.low,
        high: judgement.high,
        p: judgement.p,
        q: judgement.q,
        answer: judgement.answer,
        significant: judgement.significant,
        relevant: judgement.relevant,
        magnitude: judgement.magnitude,
        threshold: judgement.threshold,
        history: judgement.history,
        base_iterations: evidence.base.iterations,
        head_iterations: evidence.head.iterations,
    }
}

#[cfg(test)]
mod tests;
