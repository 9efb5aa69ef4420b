//! `perfleet compare`: head against base, within one configuration.

use analysis::words;
use clap::Args;
use shared_types::comparison::{Comparison, Verdict};
use shared_types::{ConfigurationId, MetricName};

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, names, output};
use crate::FunctionsError;

/// Compare two compilers, within one configuration
#[derive(Debug, Args)]
pub(super) struct CompareCommand {
    /// What to compare with: an artifact, or the beginning of its name; `ARTIFACT#2` for one
    /// replicate
    base: String,
    /// What is judged
    head: String,
    /// The configuration under which both were measured
    #[arg(long)]
    configuration: Option<ConfigurationId>,
    /// The metric [default: the least noisy that was measured]
    #[arg(long)]
    metric: Option<MetricName>,
    /// The significance method
    #[arg(long)]
    method: Option<String>,
    /// Exit with 3 if this came out; `regressed` includes `mixed`, in which something regressed
    #[arg(long, value_delimiter = ',', value_name = "VERDICT")]
    fail_on: Vec<Verdict>,
    #[command(flatten)]
    json: JsonOption,
}

impl CompareCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let access = place.for_reading().await?;
        let base = names::side(&access, &self.base).await?;
        let head = names::side(&access, &self.head).await?;
        let mut path = format!(
            "comparisons/{}..{}",
            names::encoded(&base),
            names::encoded(&head)
        );
        let parameters = [
            (
                "configuration",
                self.configuration.as_ref().map(ToString::to_string),
            ),
            ("metric", self.metric.as_ref().map(ToString::to_string)),
            ("method", self.method.clone()),
        ];
        let mut separator = '?';
        for (name, value) in parameters {
            if let Some(value) = value {
                path.push_str(&format!("{separator}{name}={}", names::encoded(&value)));
                separator = '&';
            }
        }
        let comparison: Comparison = access.get(&path).await?;
        if self.json.json {
            output::answer_json(&comparison)?;
        } else {
            output::answer(&words::table(&comparison))?;
        }
        Ok(if is_met(&self.fail_on, comparison.verdict) {
            Outcome::FailOnMet
        } else {
            Outcome::Done
        })
    }
}

fn is_met(fail_on: &[Verdict], verdict: Verdict) -> bool {
    fail_on.contains(&verdict)
        || (verdict == Verdict::Mixed && fail_on.contains(&Verdict::Regressed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_regressions_is_told_of_mixed_results_too() {
        assert!(is_met(&[Verdict::Regressed], Verdict::Mixed));
        assert!(is_met(&[Verdict::Regressed], Verdict::Regressed));
        assert!(!is_met(&[Verdict::Regressed], Verdict::Improved));
        assert!(!is_met(&[Verdict::Improved], Verdict::Mixed));
        assert!(!is_met(&[], Verdict::Regressed));
    }
}
