//! `perfleet import`: takes in what was measured elsewhere.

use std::fs::File;
use std::io::Read;
use std::time::Instant;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::import::Imported;
use crate::{FunctionsError, import};

/// Import what was measured elsewhere
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// Import a CSV file, compressed with gzip or not; its layout is known by its header
    Csv(CsvOptions),
}

#[derive(Debug, Args)]
struct CsvOptions {
    /// The file, or `-` for standard input
    file: String,
    #[command(flatten)]
    json: JsonOption,
}

/// What an import did, and how long it took.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    imported: &'a Imported,
    seconds: f64,
    values_per_second: f64,
}

impl ImportCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let Format::Csv(options) = &self.format;
        let file: Box<dyn Read> = if options.file == "-" {
            Box::new(std::io::stdin().lock())
        } else {
            let action = format!("opening {}", options.file);
            Box::new(File::open(&options.file).map_err(FunctionsError::io(action))?)
        };
        let context = place.here().await?;
        let start = Instant::now();
        let imported = import::csv(&context, file).await?;
        let seconds = start.elapsed().as_secs_f64();
        let values_per_second = imported.values as f64 / seconds.max(1e-9);
        for bad in &imported.bad_rows_described {
            output::say(&format!("line {} was left out: {}", bad.line, bad.reason));
        }
        let undescribed = imported.bad_rows - imported.bad_rows_described.len() as u64;
        if undescribed > 0 {
            output::say(&format!("… and {undescribed} further rows"));
        }
        output::say(&format!(
            "{} values in {seconds:.1} s ({values_per_second:.0} values/s)",
            imported.values
        ));
        if options.json.json {
            output::answer_json(&Answer {
                imported: &imported,
                seconds,
                values_per_second,
            })?;
        } else {
            output::answer(&describe(&imported))?;
        }
        Ok(Outcome::Done)
    }
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
