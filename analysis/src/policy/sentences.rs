//! What a policy says, and why, in words.

use shared_types::comparison::Verdict;
use shared_types::{ConfigurationId, Tier};

use super::{Opinion, Policy};
use crate::words::signed_share;

/// What one configuration says.
pub(super) fn opinion(opinion: &Opinion) -> String {
    let configuration = &opinion.configuration;
    let by = change(opinion).map_or_else(String::new, |change| format!(" ({change})"));
    let counts = match opinion.tier {
        Tier::Gating => "",
        Tier::Advisory => "; advisory, so it does not block",
        Tier::Experimental => "; experimental, so it informs and does not block",
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
pub(super) fn decision(
    policy: &Policy,
    verdict: Verdict,
    gating: &[&Opinion],
    all: &[Opinion],
) -> String {
    let decides = &policy.decides;
    let saying = |wanted: &[Verdict]| {
        let saying = gating
            .iter()
            .filter(|opinion| opinion.verdict.is_some_and(|said| wanted.contains(&said)));
        named(saying.copied())
    };
    let sentence = match verdict {
        _ if gating.is_empty() => {
            "No gating configuration takes part, so nothing is decided.".to_owned()
        }
        Verdict::Conflict => format!(
            "{}, {}: needs a decision, because a gain on one gating configuration does not make up \
             for a loss on another; {decides} decide.",
            saying(&[Verdict::Improved]),
            saying(&[Verdict::Regressed, Verdict::Mixed])
        ),
        Verdict::Incomplete => format!(
            "Not yet known: {}.{}",
            waiting(gating),
            against_already(decides, &saying(&[Verdict::Regressed, Verdict::Mixed]))
        ),
        Verdict::Mixed => format!(
            "Improvements and regressions within one configuration: {}; {decides} decide.",
            saying(&[Verdict::Mixed, Verdict::Improved, Verdict::Regressed])
        ),
        Verdict::Regressed => format!(
            "Slower or larger: {}; {decides} decide.",
            saying(&[Verdict::Regressed])
        ),
        Verdict::Improved => format!(
            "Better: {}; no gating configuration got worse.",
            saying(&[Verdict::Improved])
        ),
        Verdict::Neutral => "No change that counts on any gating configuration.".to_owned(),
    };
    format!("{sentence}{}", beside(all))
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
    let named = opinions.map(|opinion| match change(opinion) {
        Some(change) => format!("{change} on {}", opinion.configuration),
        None => opinion.configuration.to_string(),
    });
    named.collect::<Vec<_>>().join(", ")
}

fn change(opinion: &Opinion) -> Option<String> {
    Some(format!(
        "{} {}",
        opinion.metric.as_ref()?,
        signed_share(opinion.change?)
    ))
}

/// What configurations that do not gate add. It informs, whatever it is.
fn beside(all: &[Opinion]) -> String {
    let beside: Vec<&str> = all
        .iter()
        .filter(|opinion| {
            let noteworthy = [Verdict::Improved, Verdict::Regressed, Verdict::Mixed];
            opinion.tier != Tier::Gating
                && opinion
                    .verdict
                    .is_some_and(|verdict| noteworthy.contains(&verdict))
        })
        .map(|opinion| opinion.sentence.as_str())
        .collect();
    if beside.is_empty() {
        String::new()
    } else {
        format!(" For information: {}.", beside.join(". "))
    }
}
