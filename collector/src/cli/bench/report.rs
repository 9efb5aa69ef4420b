//! What `collector bench` prints.

use std::process::ExitCode;

use analysis::comparison::{SeriesHistory, compare, pool};
use analysis::words::{self, Names};
use clap::ValueEnum;
use serde::Serialize;
use shared_types::MetricName;
use shared_types::comparison::Comparison;
use shared_types::metric::default_metric;
use shared_types::result_document::{MeasuredRun, MeasuringFailure, ResultDocument};

use super::sides::Sides;
use crate::CollectorError;
use crate::cli::{answer, answer_json};

/// How the answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Tables for a terminal
    #[default]
    Text,
    /// Everything, every iteration included
    Json,
    /// Tables for a pull request or a bug report
    Markdown,
    /// A line for each test case, with numbers in full
    Csv,
}

/// Two toolchains that were measured under one configuration.
pub(super) struct Measured {
    pub(super) sides: Sides,
    pub(super) document: ResultDocument,
    pub(super) comparison: Option<Comparison>,
}

impl Measured {
    /// Compares what was measured, where both sides have something to compare.
    pub(super) fn new(
        sides: Sides,
        document: ResultDocument,
        metric: Option<&MetricName>,
    ) -> Result<Self, CollectorError> {
        let documents = [document];
        let comparison = comparison(&sides, &documents, metric)?;
        let [document] = documents;
        Ok(Self {
            sides,
            document,
            comparison,
        })
    }
}

/// Prints all tables, in the order in which they were measured. The exit code is 0 where every one of
/// them has something to compare.
pub(super) fn report(all: &[Measured], format: Format) -> Result<ExitCode, CollectorError> {
    match format {
        Format::Json => answer_json(&BenchAnswer::of(all))?,
        Format::Csv => answer(&csv(all))?,
        Format::Text => answer(&tables(all, words::bench_text))?,
        Format::Markdown => answer(&tables(all, words::bench_markdown))?,
    }
    if format == Format::Csv {
        for measured in all {
            eprint!("{}", failure_lines(&measured.document.failures));
        }
    }
    let mut code = ExitCode::SUCCESS;
    for measured in all.iter().filter(|measured| measured.comparison.is_none()) {
        let Names { base, head } = &measured.sides.names;
        eprintln!(
            "error: under {} nothing could be compared of {base} and {head}; see the failures",
            measured.document.configuration
        );
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

fn tables(all: &[Measured], table: fn(&Comparison, &Names) -> String) -> String {
    let tables = all.iter().map(|measured| {
        let comparison = measured.comparison.as_ref();
        let mut text = comparison.map_or_else(String::new, |comparison| {
            table(comparison, &measured.sides.names)
        });
        text.push_str(&failure_lines(&measured.document.failures));
        text
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn csv(all: &[Measured]) -> String {
    let rows = all
        .iter()
        .filter_map(|measured| measured.comparison.as_ref());
    let rows: String = rows.map(words::bench_csv).collect();
    format!("{}{rows}", words::BENCH_CSV_HEAD)
}

/// The answer as JSON: the first table, and the further ones where there are any.
#[derive(Serialize)]
struct BenchAnswer<'a> {
    schema: u32,
    comparison: Option<&'a Comparison>,
    failures: &'a [MeasuringFailure],
    result: Option<&'a ResultDocument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    further: Vec<FurtherAnswer<'a>>,
}

#[derive(Serialize)]
struct FurtherAnswer<'a> {
    comparison: Option<&'a Comparison>,
    failures: &'a [MeasuringFailure],
    result: &'a ResultDocument,
}

impl<'a> BenchAnswer<'a> {
    fn of(all: &'a [Measured]) -> Self {
        let first = all.first();
        let further = all.iter().skip(1).map(|measured| FurtherAnswer {
            comparison: measured.comparison.as_ref(),
            failures: &measured.document.failures,
            result: &measured.document,
        });
        Self {
            schema: 1,
            comparison: first.and_then(|measured| measured.comparison.as_ref()),
            failures: first.map_or(&[], |measured| &measured.document.failures),
            result: first.map(|measured| &measured.document),
            further: further.collect(),
        }
    }
}

fn comparison(
    sides: &Sides,
    documents: &[ResultDocument; 1],
    metric: Option<&MetricName>,
) -> Result<Option<Comparison>, CollectorError> {
    let [document] = documents;
    let measured = |run: &MeasuredRun| {
        let mut measurements = document.measurements.iter();
        measurements.any(|measurement| measurement.run() == *run)
    };
    if !measured(&sides.base) || !measured(&sides.head) {
        return Ok(None);
    }
    let refused = |error: analysis::AnalysisError| CollectorError::Usage {
        reason: error.to_string(),
    };
    let metric = match metric {
        Some(metric) => metric,
        None => match default_metric(&document.metrics) {
            Some(metric) => &metric.name,
            None => return Ok(None),
        },
    };
    let base = pool(&sides.side(&sides.base), documents, None).map_err(refused)?;
    let head = pool(&sides.side(&sides.head), documents, None).map_err(refused)?;
    let method =
        analysis::significance::method(analysis::significance::DEFAULT_METHOD).map_err(refused)?;
    let history = SeriesHistory::none();
    let mut comparison =
        compare(&base, &head, metric, &history, method.as_ref()).map_err(refused)?;
    comparison.headline = words::headline(&comparison, &sides.names);
    Ok(Some(comparison))
}

/// What could not be measured, for people.
fn failure_lines(failures: &[MeasuringFailure]) -> String {
    let mut text = String::new();
    for failure in failures {
        text.push_str(&format!(
            "\nnot measured ({}): {}: {}\n",
            failure.kind,
            failure.name(),
            failure.message
        ));
        for line in failure.output.lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}
