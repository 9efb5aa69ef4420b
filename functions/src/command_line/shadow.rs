//! `perfleet shadow`: what an environment in shadow mode found, beside what the one that it follows did.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde::Serialize;
use shared_types::shadow::ShadowTable;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::shadow::{Reach, Shadow, ShadowSettings, mirror, tabulate};
use crate::{Context, FunctionsError};

/// Follow another Perfleet, or a rustc-perf, and hold the verdicts side by side
#[derive(Debug, Args)]
pub(super) struct ShadowCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show how their verdicts and ours stand to each other, as a table in Markdown
    Table(TableOptions),
    /// Look once for requests to mirror, and bring the tables up to date; `perfleet serve` does so by
    /// itself
    Look(LookOptions),
}

#[derive(Debug, Args)]
struct TableOptions {
    /// Of what was asked for on this day, UTC [default: the last of which there is a table]
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<Date>,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct LookOptions {
    /// The settings of shadow mode [default: `shadow.toml` in the data folder]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    json: JsonOption,
}

/// What a look did.
#[derive(Debug, Serialize)]
struct Looked {
    made: u64,
    cancelled: u64,
    refused: u64,
    days: Vec<Date>,
}

impl ShadowCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.action {
            Action::Table(options) => options.run(place).await,
            Action::Look(options) => options.run(place).await,
        }
    }
}

impl TableOptions {
    async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let path = match self.day {
            Some(day) => format!("shadow?day={day}"),
            None => "shadow".to_owned(),
        };
        let table: ShadowTable = place.for_reading().await?.get(&path).await?;
        if self.json.json {
            output::answer_json(&table)?;
        } else {
            output::answer(&analysis::shadow::markdown(&table))?;
        }
        Ok(Outcome::Done)
    }
}

impl LookOptions {
    async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let context = self.context(place).await?;
        let mirrored = mirror(&context, Reach::Month).await?;
        let tables = tabulate(&context).await?;
        let looked = Looked {
            made: mirrored.made,
            cancelled: mirrored.cancelled,
            refused: mirrored.refused,
            days: tables.iter().map(|table| table.day).collect(),
        };
        if self.json.json {
            output::answer_json(&looked)?;
        } else {
            let days: Vec<String> = looked.days.iter().map(Date::to_string).collect();
            output::answer(&format!(
                "{} requests were made, {} cancelled, {} cannot be measured here\ntables that \
                 changed: {}",
                looked.made,
                looked.cancelled,
                looked.refused,
                if days.is_empty() {
                    "none".to_owned()
                } else {
                    days.join(", ")
                }
            ))?;
        }
        Ok(Outcome::Done)
    }

    async fn context(&self, place: &PlaceOptions) -> Result<Context, FunctionsError> {
        let context = place.here().await?;
        let Some(file) = &self.settings else {
            if context.shadow.is_some() {
                return Ok(context);
            }
            return Err(FunctionsError::Usage(
                "this environment is no shadow: write a `shadow.toml` into the data folder, or name \
                 the settings by `--settings FILE`; docs/deployment.md says what stands in it"
                    .to_owned(),
            ));
        };
        let document = std::fs::read_to_string(file)
            .map_err(FunctionsError::io(format!("reading {}", file.display())))?;
        let settings = ShadowSettings::parse(&document)?;
        Ok(context.with_shadow(Some(Shadow::new(settings))))
    }
}
