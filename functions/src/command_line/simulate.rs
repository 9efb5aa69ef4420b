//! `perfleet simulate`: the real rules of scheduling on a fleet in a model.

use analysis::simulation::{Faults, Load, MadeLoad, Pattern, describe, report};
use clap::{Args, ValueEnum};
use shared_types::format::Versioned;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::{FunctionsError, recorded_load};

/// Simulate a fleet: the real rules of scheduling over days of load, against what cannot be beaten and
/// against fixed benchmark sets, one request at a time
///
/// The same load, faults and seed give the same answer.
#[derive(Debug, Args)]
pub(super) struct SimulateCommand {
    /// A load as `--print-load` writes it, or `-` for standard input, instead of one that is made up
    #[arg(long, value_name = "FILE", conflicts_with = "recorded")]
    load: Option<String>,
    /// What was asked for and measured here, instead of a load that is made up
    #[arg(long)]
    recorded: bool,
    /// When made-up requests come
    #[arg(long, value_enum, default_value = "days")]
    pattern: PatternOption,
    /// Over how many days
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// How many configurations
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    configurations: u32,
    /// How many collectors each configuration has
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=50))]
    collectors: u32,
    /// How many benchmarks the suite has
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1000))]
    benchmarks: u32,
    /// Let every second host be slow, and one after the other be away for hours
    #[arg(long)]
    rough_hosts: bool,
    /// Lose, double and delay messages, and let attempts fail
    #[arg(long)]
    faults: bool,
    /// What decides all that is random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the load as JSON, and simulate nothing
    #[arg(long)]
    print_load: bool,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PatternOption {
    /// A commit every two hours or so, and try builds by day
    Days,
    /// All that comes in that time is there at once
    AtOnce,
}

impl SimulateCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let load = self.wanted_load(place).await?;
        if self.print_load {
            output::answer_json(&load)?;
            return Ok(Outcome::Done);
        }
        if load.requests.is_empty() || load.collectors.is_empty() {
            return Err(FunctionsError::Usage(
                "the load has no request or no collector: there is nothing to simulate".to_owned(),
            ));
        }
        let faults = if self.faults {
            Faults::MANY
        } else {
            Faults::default()
        };
        let report = report(&load, faults, self.seed);
        if self.json.json {
            output::answer_json(&report)?;
        } else {
            output::answer(&describe(&report))?;
        }
        Ok(if report.outcome.violations.is_empty() {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }

    async fn wanted_load(&self, place: &PlaceOptions) -> Result<Load, FunctionsError> {
        if let Some(file) = &self.load {
            return Ok(Load::from_json(&output::read_file(file)?)?);
        }
        if self.recorded {
            let context = place.here().await?;
            return recorded_load::recorded(&context, self.seed).await;
        }
        let made = MadeLoad {
            pattern: match self.pattern {
                PatternOption::Days => Pattern::Days,
                PatternOption::AtOnce => Pattern::AtOnce,
            },
            days: self.days,
            configurations: self.configurations,
            collectors: self.collectors,
            rough_hosts: self.rough_hosts,
            benchmarks: self.benchmarks,
            seed: self.seed,
        };
        Ok(made.make()?)
    }
}
