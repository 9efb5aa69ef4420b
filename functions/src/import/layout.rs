//! The layouts of CSV files that can be imported, known by their headers.

use csv::StringRecord;
use serde::Serialize;
use shared_types::{Metric, MetricName, Unit};

use crate::FunctionsError;

/// A layout of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// LLVM's compile-time tracker: a row for each program of a run, a column for each metric.
    LlvmCompileTime,
    /// rustc in 2017: a row for each benchmark and patch of a commit.
    RustcTiming2017,
}

/// What identifies a row of LLVM's layout.
const LLVM_COLUMNS: [&str; 4] = ["measured_at_unix", "sha", "configuration", "benchmark"];
/// What a row of LLVM's layout may say beside.
const LLVM_OPTIONAL_COLUMNS: [&str; 2] = ["arrival", "main_order"];
/// The columns of rustc's layout that are read.
const RUSTC_COLUMNS: [&str; 6] = [
    "date",
    "sha",
    "benchmark",
    "patch",
    "total_pass_seconds",
    "max_pass_rss_mb",
];

/// Where the fields of a row are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) layout: Layout,
    pub(super) sha: usize,
    pub(super) benchmark: usize,
    /// The time of the measuring, or the date of the commit.
    pub(super) time: usize,
    /// The configuration; only in LLVM's layout.
    pub(super) configuration: Option<usize>,
    /// The position on the main branch; only in LLVM's layout, and not in all of its files.
    pub(super) main_order: Option<usize>,
    /// The patch; only in rustc's layout.
    pub(super) patch: Option<usize>,
    /// The metrics, each with its column.
    pub(super) metrics: Vec<(usize, Metric)>,
}

impl Columns {
    /// Knows the layout of a file by its header.
    pub(super) fn of_header(header: &StringRecord) -> Result<Self, FunctionsError> {
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        let column = |wanted: &str| names.iter().position(|name| *name == wanted);
        if let [Some(time), Some(sha), Some(configuration), Some(benchmark)] =
            LLVM_COLUMNS.map(column)
        {
            return Ok(Self {
                layout: Layout::LlvmCompileTime,
                sha,
                benchmark,
                time,
                configuration: Some(configuration),
                main_order: column("main_order"),
                patch: None,
                metrics: llvm_metrics(&names)?,
            });
        }
        if let [
            Some(time),
            Some(sha),
            Some(benchmark),
            Some(patch),
            Some(pass_time),
            Some(max_rss),
        ] = RUSTC_COLUMNS.map(column)
        {
            return Ok(Self {
                layout: Layout::RustcTiming2017,
                sha,
                benchmark,
                time,
                configuration: None,
                main_order: None,
                patch: Some(patch),
                metrics: vec![
                    (pass_time, cost("pass-time", Unit::Seconds)?),
                    (max_rss, cost("max-rss", Unit::Megabytes)?),
                ],
            });
        }
        Err(unknown_header(&names))
    }
}

fn llvm_metrics(names: &[&str]) -> Result<Vec<(usize, Metric)>, FunctionsError> {
    let mut metrics: Vec<(usize, Metric)> = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if LLVM_COLUMNS.contains(name) || LLVM_OPTIONAL_COLUMNS.contains(name) {
            continue;
        }
        if metrics
            .iter()
            .any(|(_, metric)| metric.name.as_str() == *name)
        {
            return Err(FunctionsError::Usage(format!(
                "the header names the column `{name}` twice"
            )));
        }
        let unit = match *name {
            "task-clock" => Unit::Milliseconds,
            "wall-time" => Unit::Seconds,
            "max-rss" => Unit::Kilobytes,
            name if name.starts_with("size-") || name.starts_with("size:") => Unit::Bytes,
            _ => Unit::Count,
        };
        metrics.push((place, cost(name, unit)?));
    }
    if metrics.is_empty() {
        return Err(FunctionsError::Usage(
            "the header has no column of a metric behind those that identify a row".to_owned(),
        ));
    }
    Ok(metrics)
}

fn cost(name: &str, unit: Unit) -> Result<Metric, FunctionsError> {
    let name: MetricName = name
        .parse()
        .map_err(|error| FunctionsError::Usage(format!("a column of the header: {error}")))?;
    Ok(Metric::cost(name, unit))
}

fn unknown_header(names: &[&str]) -> FunctionsError {
    let found: String = names.join(",").chars().take(200).collect();
    FunctionsError::Usage(format!(
        "the header `{found}` is of no layout that can be imported. Known are:\n  \
         LLVM's compile-time tracker: {}, then a column for each metric; beside them {} where \
         known\n  rustc in 2017: {}",
        LLVM_COLUMNS.join(","),
        LLVM_OPTIONAL_COLUMNS.join(" and "),
        RUSTC_COLUMNS.join(",")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str) -> Result<Columns, FunctionsError> {
        Columns::of_header(&StringRecord::from(header.split(',').collect::<Vec<_>>()))
    }

    #[test]
    fn llvm_s_layout_is_known_with_columns_in_any_order() {
        let columns = columns("sha,wall-time,benchmark,configuration,measured_at_unix").unwrap();
        assert_eq!(columns.layout, Layout::LlvmCompileTime);
        assert_eq!(columns.main_order, None);
        assert_eq!(
            columns.metrics,
            [(1, cost("wall-time", Unit::Seconds).unwrap())]
        );
    }

    #[test]
    fn an_unknown_header_is_refused_and_both_layouts_are_listed() {
        let refused = columns("date,commit,ms").unwrap_err().to_string();
        assert!(refused.contains("`date,commit,ms`"), "{refused}");
        assert!(
            refused.contains("measured_at_unix,sha,configuration,benchmark"),
            "{refused}"
        );
        assert!(
            refused.contains("total_pass_seconds,max_pass_rss_mb"),
            "{refused}"
        );
    }

    #[test]
    fn a_metric_of_which_there_are_two_columns_is_refused() {
        let header = "measured_at_unix,sha,configuration,benchmark,cycles,cycles";
        assert!(
            columns(header)
                .unwrap_err()
                .to_string()
                .contains("`cycles` twice")
        );
    }
}
