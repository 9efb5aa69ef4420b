//! `perfleet hosts`.

use std::fmt::Write;

use analysis::host_agreement::{AgreementAnswer, HostAgreement, MetricAgreement};
use analysis::words::counted;
use clap::{Args, Subcommand};
use shared_types::{ConfigurationId, MetricName};

use super::names::encoded;
use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;

/// Hold hosts against each other, before one takes the place of the other
#[derive(Debug, Args)]
pub(super) struct HostsCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whether two hosts of a configuration measure the same, by what both have measured
    ///
    /// The answer is of each metric: `same`, `step` where the switch from one to the other would be
    /// called a change, or `not-yet-known`, for which more artifacts are to be measured on both.
    Compare(CompareOptions),
}

#[derive(Debug, Args)]
struct CompareOptions {
    /// The host that is there
    one: String,
    /// The host that is to come
    other: String,
    /// The configuration that both serve
    #[arg(long)]
    configuration: ConfigurationId,
    /// Only this metric [default: all that both measured]
    #[arg(long)]
    metric: Option<MetricName>,
    #[command(flatten)]
    json: JsonOption,
}

impl HostsCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let Action::Compare(options) = &self.action;
        let mut path = format!(
            "host-agreement?configuration={}&one={}&other={}",
            options.configuration,
            encoded(&options.one),
            encoded(&options.other)
        );
        if let Some(metric) = &options.metric {
            let _ = write!(path, "&metric={}", encoded(metric.as_str()));
        }
        let found: HostAgreement = place.for_reading().await?.get(&path).await?;
        if options.json.json {
            output::answer_json(&found)?;
        } else {
            output::answer(&text(&found))?;
        }
        Ok(Outcome::Done)
    }
}

fn text(found: &HostAgreement) -> String {
    let mut text = format!(
        "{} against {} under {}: {} that both measured\n",
        found.other,
        found.one,
        found.configuration,
        counted(found.artifacts.len(), "artifact")
    );
    for metric in &found.metrics {
        let _ = writeln!(text, "{}", line(metric));
    }
    text
}

fn line(metric: &MetricAgreement) -> String {
    let percent = |ratio: f64| format!("{:+.2} %", (ratio - 1.0) * 100.0);
    let interval = match (metric.low, metric.high) {
        (Some(low), Some(high)) => format!("{} to {}", percent(low), percent(high)),
        _ => "too few test cases for an interval".to_owned(),
    };
    let answer = match metric.answer {
        AgreementAnswer::Same => "the same",
        AgreementAnswer::Step => "a step: the switch would be called a change",
        AgreementAnswer::NotYetKnown => "not yet known",
    };
    format!(
        "  {:<20} {} ({interval}); {} of {} differences called changes: {answer}",
        metric.metric,
        percent(metric.ratio),
        metric.called,
        metric.compared
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_has_a_line_with_its_answer() {
        let metric = |name: &str, ratio: f64, called: u32, answer| MetricAgreement {
            metric: name.parse().unwrap(),
            artifacts: 2,
            test_cases: 9,
            ratio,
            low: (called < 9).then_some(ratio - 0.001),
            high: (called < 9).then_some(ratio + 0.001),
            compared: 18,
            called,
            answer,
        };
        let found = HostAgreement {
            configuration: "zen4".parse().unwrap(),
            one: "zen4-a".to_owned(),
            other: "zen4-b".to_owned(),
            artifacts: vec!["release-1.95.0".parse().unwrap()],
            metrics: vec![
                metric("instructions:u", 1.0, 0, AgreementAnswer::Same),
                metric("wall-time", 0.95, 17, AgreementAnswer::Step),
                metric("max-rss", 1.01, 0, AgreementAnswer::NotYetKnown),
            ],
        };
        insta::assert_snapshot!(text(&found));
    }
}
