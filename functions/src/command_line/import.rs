//! `perfleet import`: takes in what was measured elsewhere.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::import::Imported;
use crate::import::rustc_perf::ImportedExport;
use crate::{FunctionsError, import};

/// Import what was measured elsewhere
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// Import a CSV file, compressed with gzip, zstd or not; its layout is known by its header
    Csv(CsvOptions),
    /// Import a SQLite export of rustc-perf, compressed with zstd or gzip or not
    RustcPerf(RustcPerfOptions),
}

#[derive(Debug, Args)]
struct CsvOptions {
    /// The file, or `-` for standard input
    file: String,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct RustcPerfOptions {
    /// The export
    file: PathBuf,
    #[command(flatten)]
    json: JsonOption,
}

/// What an import did, and how long it took.
#[derive(Debug, Serialize)]
struct Answer<'a, T> {
    imported: &'a T,
    seconds: f64,
    values_per_second: f64,
}

impl ImportCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.format {
            Format::Csv(options) => options.run(place).await,
            Format::RustcPerf(options) => options.run(place).await,
        }
    }
}

impl CsvOptions {
    async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let file: Box<dyn Read> = if self.file == "-" {
            Box::new(std::io::stdin().lock())
        } else {
            let action = format!("opening {}", self.file);
            Box::new(File::open(&self.file).map_err(FunctionsError::io(action))?)
        };
        let context = place.here().await?;
        let start = Instant::now();
        let imported = import::csv(&context, file).await?;
        for bad in &imported.bad_rows_described {
            output::say(&format!("line {} was left out: {}", bad.line, bad.reason));
        }
        let undescribed = imported.bad_rows - imported.bad_rows_described.len() as u64;
        if undescribed > 0 {
            output::say(&format!("… and {undescribed} further rows"));
        }
        tell(&self.json, &imported, imported.values, start, describe)
    }
}

impl RustcPerfOptions {
    async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let context = place.here().await?;
        let start = Instant::now();
        let imported = import::rustc_perf(&context, &self.file).await?;
        for assumption in &imported.assumptions {
            output::say(&format!("note: {assumption}"));
        }
        for left_out in &imported.left_out {
            let rows = match left_out.rows {
                0 | 1 => String::new(),
                rows => format!(" ({rows} rows)"),
            };
            output::say(&format!(
                "{} was left out: {}{rows}",
                left_out.what, left_out.reason
            ));
        }
        tell(
            &self.json,
            &imported,
            imported.values,
            start,
            describe_export,
        )
    }
}

/// Says how fast it went, and answers.
fn tell<T: Serialize>(
    json: &JsonOption,
    imported: &T,
    values: u64,
    start: Instant,
    describe: impl Fn(&T) -> String,
) -> Result<Outcome, FunctionsError> {
    let seconds = start.elapsed().as_secs_f64();
    let values_per_second = values as f64 / seconds.max(1e-9);
    output::say(&format!(
        "{values} values in {seconds:.1} s ({values_per_second:.0} values/s)"
    ));
    if json.json {
        output::answer_json(&Answer {
            imported,
            seconds,
            values_per_second,
        })?;
    } else {
        output::answer(&describe(imported))?;
    }
    Ok(Outcome::Done)
}

fn describe_export(imported: &ImportedExport) -> String {
    let configurations: Vec<&str> = imported
        .configurations
        .iter()
        .map(|id| id.as_str())
        .collect();
    format!(
        "{} runs ({} new) of {} artifacts, {} of them with a place in history\n{} rows read, {} \
         left out\n{} failures kept; of {} it is not known under which configuration they \
         came\nconfigurations: {}",
        imported.runs,
        imported.runs_new,
        imported.artifacts,
        imported.artifacts_with_history,
        imported.rows,
        imported.rows_left_out,
        imported.failures,
        imported.failures_without_place,
        configurations.join(", ")
    )
}

fn describe(imported: &Imported) -> String {
    let configurations: Vec<&str> = imported
        .configurations
        .iter()
        .map(|id| id.as_str())
        .collect();
    format!(
        "{} runs ({} new) of {} artifacts, {} of them with a place in history\n{} rows read, {} \
         left out\nconfigurations: {}",
        imported.runs,
        imported.runs_new,
        imported.artifacts,
        imported.artifacts_with_history,
        imported.rows,
        imported.bad_rows,
        configurations.join(", ")
    )
}
