//! `perfleet compare`: head against base, within one configuration.

use analysis::beside::beside;
use analysis::why::{ComparisonExplanation, comparison_text};
use analysis::words;
use clap::Args;
use shared_types::comparison::{Comparison, Verdict};
use shared_types::{ConfigurationId, MetricName};

use super::access::Access;
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
    /// Say why: which numbers and rules made the answer; of one test case, by a part of its name,
    /// step by step
    #[arg(long, value_name = "TEST_CASE", num_args = 0..=1, conflicts_with = "beside")]
    why: Option<Option<String>>,
    /// Show beside it what another significance method says, and where the two disagree
    #[arg(long, value_name = "METHOD")]
    beside: Option<String>,
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
        let verdict = match (&self.why, &self.beside) {
            (Some(test_case), _) => {
                self.why(&access, [&base, &head], test_case.as_deref())
                    .await?
            }
            (None, Some(method)) => self.beside(&access, [&base, &head], method).await?,
            (None, None) => self.table(&access, [&base, &head]).await?,
        };
        Ok(if is_met(&self.fail_on, verdict) {
            Outcome::FailOnMet
        } else {
            Outcome::Done
        })
    }

    async fn table(&self, access: &Access, sides: [&str; 2]) -> Result<Verdict, FunctionsError> {
        let method = self.method.as_deref();
        let comparison: Comparison = access.get(&self.path(sides, "", method, None)).await?;
        if self.json.json {
            output::answer_json(&comparison)?;
        } else {
            output::answer(&words::table(&comparison))?;
        }
        Ok(comparison.verdict)
    }

    async fn why(
        &self,
        access: &Access,
        sides: [&str; 2],
        test_case: Option<&str>,
    ) -> Result<Verdict, FunctionsError> {
        let path = self.path(sides, "/why", self.method.as_deref(), test_case);
        let explanation: ComparisonExplanation = access.get(&path).await?;
        if self.json.json {
            output::answer_json(&explanation)?;
        } else {
            output::answer(&comparison_text(&explanation))?;
        }
        Ok(explanation.verdict)
    }

    async fn beside(
        &self,
        access: &Access,
        sides: [&str; 2],
        method: &str,
    ) -> Result<Verdict, FunctionsError> {
        let own = self.method.as_deref();
        let comparison: Comparison = access.get(&self.path(sides, "", own, None)).await?;
        // Which metric is the least noisy does not depend on the method.
        let other: Comparison = access
            .get(&self.path(sides, "", Some(method), None))
            .await?;
        let both = beside(comparison, &other);
        if self.json.json {
            output::answer_json(&both)?;
        } else {
            output::answer(&words::table_beside(&both))?;
        }
        Ok(both.comparison.verdict)
    }

    fn path(
        &self,
        [base, head]: [&str; 2],
        resource: &str,
        method: Option<&str>,
        test_case: Option<&str>,
    ) -> String {
        let mut path = format!(
            "comparisons/{}..{}{resource}",
            names::encoded(base),
            names::encoded(head)
        );
        let configuration = self.configuration.as_ref().map(ConfigurationId::as_str);
        let parameters = [
            ("configuration", configuration),
            ("metric", self.metric.as_ref().map(MetricName::as_str)),
            ("method", method),
            ("test_case", test_case),
        ];
        let mut separator = '?';
        for (name, value) in parameters {
            if let Some(value) = value {
                path.push_str(&format!("{separator}{name}={}", names::encoded(value)));
                separator = '&';
            }
        }
        path
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
