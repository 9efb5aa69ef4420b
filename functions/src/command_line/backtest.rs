//! `perfleet backtest`: how good the methods are, on what was measured here.

use analysis::backtest::detection::{detection_scores, detection_table};
use analysis::backtest::series::RecordPart;
use analysis::backtest::tips::{tip_scores, tip_table};
use analysis::significance::{self, SignificanceMethod};
use clap::{Args, ValueEnum};
use shared_types::{ConfigurationId, MetricName};

use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;
use crate::recorded_series::recorded_series;

/// Back-test the methods on what was measured: false alarms, and how many changes of known size that
/// are put into the recorded noise are found, methods side by side, as a table in Markdown
///
/// The same data and the same seed give the same table. Whoever tunes something looks at the part
/// `tuning` as often as he likes, and at `held-out` once.
#[derive(Debug, Args)]
pub(super) struct BacktestCommand {
    /// A configuration whose series are taken [default: all]
    #[arg(long, value_name = "CONFIGURATION")]
    configuration: Vec<ConfigurationId>,
    /// A metric that is looked at [default: all]
    #[arg(long, value_name = "METRIC")]
    metric: Vec<MetricName>,
    /// Which part of each record is scored
    #[arg(long, value_enum, default_value = "tuning")]
    part: Part,
    /// How many of the last artifacts of each record are held out
    #[arg(long, default_value_t = 30, value_name = "ARTIFACTS")]
    held_out: usize,
    /// What decides all that is random
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// All but the last artifacts
    Tuning,
    /// The last artifacts
    HeldOut,
    /// Everything
    Whole,
}

/// Artifacts before those that are held out are seen, so that methods have a history.
const LEAD_IN: usize = significance::HISTORY_ARTIFACTS;

impl BacktestCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let context = place.here().await?;
        let series = recorded_series(&context, &self.configuration, &self.metric).await?;
        if series.is_empty() {
            return Err(FunctionsError::NotMeasured(
                "there are no series to test on: `perfleet import csv FILE` takes in what was \
                 measured elsewhere"
                    .to_owned(),
            ));
        }
        output::say(&format!("{} series", series.len()));
        let part = match self.part {
            Part::Tuning => RecordPart::Tuning {
                held_out: self.held_out,
            },
            Part::HeldOut => RecordPart::HeldOut {
                held_out: self.held_out,
                lead_in: LEAD_IN,
            },
            Part::Whole => RecordPart::Whole,
        };
        // The reference sets the rate of false alarms at which the others are compared with it.
        let methods = ["rustc-perf", "perfleet"]
            .map(significance::method)
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let methods: Vec<&dyn SignificanceMethod> = methods.iter().map(AsRef::as_ref).collect();
        output::say("tip verdicts");
        let tips = tip_scores(&series, part, &methods, self.seed);
        output::say("change points");
        let changes = detection_scores(&series, part, self.seed);
        output::answer(&format!(
            "## Tip verdicts\n\n{}\n## Change points\n\n{}",
            tip_table(&tips),
            detection_table(&changes)
        ))?;
        Ok(Outcome::Done)
    }
}
