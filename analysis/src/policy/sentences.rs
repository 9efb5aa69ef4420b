//! What a policy says, and why, in words.

use shared_types::comparison::Verdict;
use shared_types::{ConfigurationId, Tier};

use super::decision::{Consequence, Decision, MetricOpinion, Open, Opinion, Rule};
use super::{Policy, is_noteworthy};
use crate::words::{counted, share, signed_share};

/// So many metrics of a configuration are named with their figures.
const METRICS_NAMED_MAX: usize = 3;

/// What one configuration says.
pub(super) fn opinion(opinion: &Opinion) -> String {
    let configuration = &opinion.configuration;
    let by = figures(opinion).map_or_else(String::new, |figures| format!(" ({figures})"));
    let counts = match (opinion.tier, opinion.consequence) {
        (Tier::Gating, _) => "",
        (Tier::Experimental, _) => "; experimental, so it informs and does not block",
        (Tier::Advisory, Consequence::Labels) => {
            "; advisory, and confirmed by another measuring, so it is labelled and does not block"
        }
        (Tier::Advisory, Consequence::AwaitsConfirmation) => {
            "; advisory, so it does not block, and is labelled once another measuring confirms it"
        }
        (Tier::Advisory, _) => "; advisory, so it does not block",
    };
    let says = match opinion.verdict {
        None => "has not answered yet",
        Some(Verdict::Improved) => "improved",
        Some(Verdict::Regressed) => "regressed",
        Some(Verdict::Mixed) => "has improvements and regressions",
        Some(Verdict::Incomplete) => "has no test case that could be compared",
        Some(Verdict::Neutral | Verdict::Conflict) => "has no change that counts",
    };
    format!("{configuration} {says}{by}{counts}")
}

/// The verdict over all configurations, and why.
pub(super) fn decision(policy: &Policy, decision: &Decision) -> String {
    let decides = &policy.decides;
    let gating: Vec<&Opinion> = decision
        .opinions
        .iter()
        .filter(|opinion| opinion.tier == Tier::Gating)
        .collect();
    let saying = |wanted: &[Verdict]| {
        let saying = gating
            .iter()
            .filter(|opinion| opinion.verdict.is_some_and(|said| wanted.contains(&said)));
        named(saying.copied())
    };
    let sentence = match decision.rule {
        Rule::NoGatingConfiguration => {
            "No gating configuration takes part, so nothing is decided.".to_owned()
        }
        Rule::OppositeVerdicts => format!(
            "{}, {}: needs a decision, because a gain on one gating configuration does not make up \
             for a loss on another; {decides} decide.",
            saying(&[Verdict::Improved]),
            saying(&[Verdict::Regressed, Verdict::Mixed])
        ),
        Rule::Unanswered => format!(
            "Not yet known: {}.{}",
            waiting(&gating),
            against_already(decides, &saying(&[Verdict::Regressed, Verdict::Mixed]))
        ),
        Rule::MixedWithinOne => format!(
            "Improvements and regressions within one configuration: {}; {decides} decide.",
            saying(&[Verdict::Mixed, Verdict::Improved, Verdict::Regressed])
        ),
        Rule::OnlyRegressions => format!(
            "Slower or larger: {}; {decides} decide.",
            saying(&[Verdict::Regressed])
        ),
        Rule::OnlyImprovements => format!(
            "Better: {}; no gating configuration is known to have got worse.{}",
            saying(&[Verdict::Improved]),
            open(decision.open)
        ),
        Rule::NoChangeThatCounts => format!(
            "No change that counts on any gating configuration.{}",
            open(decision.open)
        ),
    };
    format!("{sentence}{}", beside(&decision.opinions))
}

/// What a verdict rests on that is not known, and what would settle it.
fn open(open: Option<Open>) -> String {
    let Some(open) = open else {
        return String::new();
    };
    let up_to = open.up_to.map_or_else(String::new, |size| {
        format!(" (they may hide changes of up to {})", share(size))
    });
    format!(
        " Of {} of {} it is not yet known{up_to}: base and head measured in pairs, or more \
         iterations, would settle it.",
        open.not_yet_known,
        counted(open.test_cases as usize, "test case"),
    )
}

fn against_already(decides: &str, against: &str) -> String {
    if against.is_empty() {
        String::new()
    } else {
        format!(" Already against it: {against}; {decides} decide.")
    }
}

/// The gating configurations that have not answered, or could compare nothing.
fn waiting(gating: &[&Opinion]) -> String {
    let names = |wanted: Option<Verdict>| {
        let waiting = gating.iter().filter(|opinion| opinion.verdict == wanted);
        let names: Vec<&str> = waiting
            .map(|opinion| ConfigurationId::as_str(&opinion.configuration))
            .collect();
        names.join(", ")
    };
    let parts = [
        (names(None), "has not answered yet", "have not answered yet"),
        (
            names(Some(Verdict::Incomplete)),
            "has no test case that could be compared",
            "have no test case that could be compared",
        ),
    ];
    let parts = parts.iter().filter(|(names, ..)| !names.is_empty());
    let parts: Vec<String> = parts
        .map(|(names, one, several)| {
            format!(
                "{names} {}",
                if names.contains(", ") { several } else { one }
            )
        })
        .collect();
    parts.join("; ")
}

fn named<'a>(opinions: impl Iterator<Item = &'a Opinion>) -> String {
    let named = opinions.map(|opinion| match figures(opinion) {
        Some(figures) => format!("{figures} on {}", opinion.configuration),
        None => opinion.configuration.to_string(),
    });
    named.collect::<Vec<_>>().join(", ")
}

/// The figures beside a configuration: of each metric the mean improvement and the mean regression,
/// which are never made one.
fn figures(opinion: &Opinion) -> Option<String> {
    let with_any: Vec<String> = opinion.metrics.iter().filter_map(of_metric).collect();
    let hidden = with_any.len().saturating_sub(METRICS_NAMED_MAX);
    let mut named = with_any;
    named.truncate(METRICS_NAMED_MAX);
    if hidden > 0 {
        named.push(counted(hidden, "more metric"));
    }
    match named.pop() {
        None => None,
        Some(last) if named.is_empty() => Some(last),
        Some(last) => Some(format!("{} and {last}", named.join(", "))),
    }
}

fn of_metric(metric: &MetricOpinion) -> Option<String> {
    let sides = [metric.mean_improvement, metric.mean_regression];
    let sides: Vec<String> = sides.into_iter().flatten().map(signed_share).collect();
    (!sides.is_empty()).then(|| format!("{} {}", metric.metric, sides.join(" / ")))
}

/// What configurations that do not gate add. It informs, whatever it is.
fn beside(all: &[Opinion]) -> String {
    let beside: Vec<&str> = all
        .iter()
        .filter(|opinion| {
            opinion.tier != Tier::Gating && opinion.verdict.is_some_and(is_noteworthy)
        })
        .map(|opinion| opinion.sentence.as_str())
        .collect();
    if beside.is_empty() {
        String::new()
    } else {
        format!(" For information: {}.", beside.join(". "))
    }
}
