//! `perfleet bisect`: which artifact of a range made a test case slower or faster.

use std::time::Duration;

use analysis::bisection::Step;
use clap::Args;
use shared_types::{ConfigurationId, MetricName};

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, names, output};
use crate::FunctionsError;
use crate::bisecting::{Bisection, BisectionQuery};

/// How often it is looked whether the next step is possible.
const LOOK: Duration = Duration::from_secs(2);

/// Find the artifact of a range from which on a test case is slower or faster
///
/// Asks for what is to be measured next and ends; with `--wait` it goes on until there is an answer. A
/// search that was broken off goes on where it was: all that is known of it is what was measured.
#[derive(Debug, Args)]
pub(super) struct BisectCommand {
    /// The range, from an artifact of the old level to one of the new: `BASE..HEAD`
    range: String,
    /// The configuration
    #[arg(long)]
    configuration: ConfigurationId,
    /// The test case: `syn-2.0.119/check/full`
    #[arg(long, value_name = "NAME")]
    test_case: String,
    /// The metric [default: the least noisy that was measured]
    #[arg(long)]
    metric: Option<MetricName>,
    /// Say what comes next, and ask for nothing
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,
    /// Go on until there is an answer
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    json: JsonOption,
}

impl BisectCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let access = place.for_writing().await?;
        let Some((base, head)) = self.range.split_once("..") else {
            return Err(FunctionsError::Usage(format!(
                "`{}` is no range: write BASE..HEAD",
                self.range
            )));
        };
        let query = BisectionQuery {
            base: names::artifact(&access, base).await?,
            head: names::artifact(&access, head).await?,
            configuration: self.configuration.clone(),
            test_case: self.test_case.clone(),
            metric: self.metric.clone(),
            ask: !self.dry_run,
        };
        let mut said = String::new();
        let bisection = loop {
            let bisection = access.bisect(&query).await?;
            let is_open = matches!(bisection.next, Step::Measure { .. } | Step::Wait { .. });
            if !self.wait || !is_open {
                break bisection;
            }
            let text = describe(&bisection);
            // Whether it is asked for or waited for says nothing new.
            let artifact = current(&bisection.next);
            if artifact != said {
                output::say(text.trim_end());
                said = artifact;
            }
            tokio::time::sleep(LOOK).await;
        };
        if self.json.json {
            output::answer_json(&bisection)?;
        } else {
            output::answer(&describe(&bisection))?;
        }
        Ok(match bisection.next {
            Step::Nothing { .. } | Step::Among { .. } => Outcome::Failed,
            _ => Outcome::Done,
        })
    }
}

fn current(step: &Step) -> String {
    match step {
        Step::Measure { artifact } | Step::Wait { artifact } => artifact.to_string(),
        _ => String::new(),
    }
}

/// How far a search is, in words.
fn describe(bisection: &Bisection) -> String {
    let known = format!(
        "{} of {} artifacts measured, by {}",
        bisection.measured, bisection.artifacts, bisection.metric
    );
    match &bisection.next {
        Step::Measure { artifact } => match &bisection.request {
            Some(request) => format!(
                "{known}: {artifact} is measured next, as request {}",
                request.id
            ),
            None => format!("{known}: {artifact} is to be measured next"),
        },
        Step::Wait { artifact } => format!("{known}: waiting for {artifact}"),
        Step::Found {
            artifact,
            before,
            probability,
        } => format!(
            "found: {artifact}, with {:.1} % certainty; {before} was as before ({known})",
            probability * 100.0
        ),
        Step::Among {
            after,
            until,
            reason,
        } => format!("after {after} and not behind {until}: {reason} ({known})"),
        Step::Nothing { reason } => format!("nothing to find: {reason} ({known})"),
    }
}
