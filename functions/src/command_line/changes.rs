//! `perfleet changes`: where the series of a configuration changed, and since when they are as they
//! are.

use analysis::words;
use clap::Args;
use shared_types::api::{ChartEvent, Page};
use shared_types::change_point::{ChangeNature, ChangePoint};
use shared_types::metric::default_metric;
use shared_types::series::SeriesManifest;
use shared_types::{ConfigurationId, Metric, MetricName};

use super::access::Access;
use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, names, output};
use crate::FunctionsError;

/// List where the series of a configuration changed, the newest first
///
/// Steps and drifts, each dated to an artifact, with what became of it. `--standing` answers "since
/// when is this slower?": of each series only the change that brought it to where it is today.
#[derive(Debug, Args)]
pub(super) struct ChangesCommand {
    /// The configuration
    #[arg(long)]
    configuration: ConfigurationId,
    /// The metric [default: the least noisy that was measured]
    #[arg(long)]
    metric: Option<MetricName>,
    /// Only test cases with this in their name
    #[arg(long, value_name = "TEXT")]
    test_case: Option<String>,
    /// Only what brought each series to where it is today
    #[arg(long)]
    standing: bool,
    /// Single bad runs, too, which are no change of level
    #[arg(long)]
    bad_runs: bool,
    #[command(flatten)]
    json: JsonOption,
}

impl ChangesCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let access = place.for_reading().await?;
        let Some(metric) = self.metric(&access).await? else {
            output::say(&format!(
                "`{}` has no series yet: a run is a part of one once its artifact's place in \
                 history is known",
                self.configuration
            ));
            return self.answer(&[], None);
        };
        let mut changes = self.changes(&access, &metric.name).await?;
        changes.retain(|change| self.bad_runs || change.nature != ChangeNature::BadRun);
        self.answer(&changes, Some(&metric))
    }

    fn answer(
        &self,
        changes: &[ChangePoint],
        metric: Option<&Metric>,
    ) -> Result<Outcome, FunctionsError> {
        if self.json.json {
            output::answer_json(&changes)?;
        } else if let Some(metric) = metric {
            let title = format!("{} · {}\n", self.configuration, metric.name);
            let listed = if changes.is_empty() {
                "  no change".to_owned()
            } else {
                words::changes(changes, metric)
            };
            output::answer(&format!("{title}{listed}"))?;
        }
        Ok(Outcome::Done)
    }

    /// The metric that is asked for, else the least noisy one. `None` where there are no series.
    async fn metric(&self, access: &Access) -> Result<Option<Metric>, FunctionsError> {
        let configuration = names::encoded(self.configuration.as_str());
        let path = format!("series?configuration={configuration}");
        let manifest: SeriesManifest = access.get(&path).await?;
        let mut all = manifest.metrics.iter().map(|blocks| &blocks.metric);
        let Some(wanted) = &self.metric else {
            return Ok(default_metric(all).cloned());
        };
        match all.clone().find(|metric| metric.name == *wanted) {
            Some(metric) => Ok(Some(metric.clone())),
            None if all.next().is_none() => Ok(None),
            None => Err(FunctionsError::Usage(format!(
                "`{}` has no series of `{wanted}`",
                self.configuration
            ))),
        }
    }

    async fn changes(
        &self,
        access: &Access,
        metric: &MetricName,
    ) -> Result<Vec<ChangePoint>, FunctionsError> {
        let mut path = format!(
            "events?configuration={}&metric={}&standing={}&limit=500",
            names::encoded(self.configuration.as_str()),
            names::encoded(metric.as_str()),
            self.standing,
        );
        // An empty part is a part of every name.
        let test_case = self.test_case.as_deref().unwrap_or_default();
        if !test_case.is_empty() {
            path.push_str(&format!("&test_case={}", names::encoded(test_case)));
        }
        let mut changes = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Page<ChartEvent> = access.get(&format!("{path}{cursor}")).await?;
            changes.extend(page.items.into_iter().filter_map(|event| match event {
                ChartEvent::ChangePoint(change) => Some(change),
                ChartEvent::Host { .. }
                | ChartEvent::HostSetup { .. }
                | ChartEvent::DisturbedHost { .. }
                | ChartEvent::Retracted { .. } => None,
            }));
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={}", names::encoded(&next)),
                None => return Ok(changes),
            }
        }
    }
}
