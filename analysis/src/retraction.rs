//! What follows from results that were taken back: which comparisons are to be made again, and whether
//! one that was made again says the same. Which results are taken back is said by
//! [`RetractionRange::covers`](shared_types::retraction::RetractionRange::covers).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared_types::api::ComparisonReference;
use shared_types::comparison::{Comparison, Verdict};
use shared_types::retraction::{AffectedRun, RetractedStretch, Retraction};
use shared_types::run::SidePair;
use shared_types::{Artifact, ArtifactId, ConfigurationId, Line, RequestId};

use crate::summary::summarise;

/// How a comparison begins to say that it was made again because of a retraction.
const AGAIN: &str = "Compared again, since ";

/// The artifacts that retracted results are of, and those that are held against them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TouchedArtifacts {
    /// Those of which results are in the range.
    pub retracted: BTreeSet<ArtifactId>,
    /// Those before which these lie, so near that they are a part of their history.
    pub behind: BTreeSet<ArtifactId>,
}

impl TouchedArtifacts {
    /// Whether what went into a comparison is not what it was.
    pub fn touch(&self, base: &ArtifactId, head: &ArtifactId) -> bool {
        self.retracted.contains(base) || self.retracted.contains(head) || self.behind.contains(base)
    }
}

/// A comparison that is to be made again.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeAgain {
    /// The last one that was made.
    pub newest: ComparisonReference,
    /// The last one that was made before the retraction moved, else the first one.
    pub before: ComparisonReference,
    /// The requests that wanted it.
    pub requests: BTreeSet<RequestId>,
}

impl MadeAgain {
    /// Tells it from all others, in an order that stays.
    pub fn name(&self) -> String {
        name(&self.newest)
    }

    /// What is compared.
    pub fn sides(&self) -> SidePair {
        SidePair {
            base: self.newest.base.clone(),
            head: self.newest.head.clone(),
        }
    }
}

fn name(reference: &ComparisonReference) -> String {
    let ComparisonReference {
        configuration,
        base,
        head,
        metric,
        method,
        ..
    } = reference;
    format!("{configuration} {base}..{head} {metric} {method}")
}

/// Which of the comparisons that were `made` are to be made again, each once, in the order of their
/// names. `moved_at` is when the retraction was made or taken back.
pub fn to_make_again(
    made: impl IntoIterator<Item = ComparisonReference>,
    touched: &TouchedArtifacts,
    moved_at: Timestamp,
) -> Vec<MadeAgain> {
    let mut groups: BTreeMap<String, Vec<ComparisonReference>> = BTreeMap::new();
    for reference in made {
        if touched.touch(&reference.base.artifact, &reference.head.artifact) {
            groups.entry(name(&reference)).or_default().push(reference);
        }
    }
    let again = groups.into_values().filter_map(|mut group| {
        group.sort_by_key(|one| (one.computed_at, one.input_hash.clone()));
        let requests = group.iter().filter_map(|one| one.request).collect();
        let before = group
            .iter()
            .rfind(|one| one.computed_at < moved_at)
            .or_else(|| group.first())?
            .clone();
        Some(MadeAgain {
            newest: group.pop()?,
            before,
            requests,
        })
    });
    again.collect()
}

/// What a comparison says of why it was made again.
pub fn again_because(retraction: &Retraction) -> String {
    let sentence = retraction.sentence();
    match &retraction.taken_back {
        None => format!("{AGAIN}results have no part in it any more. {sentence}"),
        Some(undone) => format!(
            "{AGAIN}results have a part in it again: {} took this back on {}. {sentence}",
            undone.by,
            undone.at.strftime("%Y-%m-%d")
        ),
    }
}

/// A comparison as it is kept after it was made again.
pub fn marked(mut comparison: Comparison, because: &str) -> Comparison {
    comparison.warnings.insert(0, because.to_owned());
    comparison
}

/// Whether two comparisons say the same, but for why they were made again.
pub fn say_the_same(one: &Comparison, other: &Comparison) -> bool {
    let unmarked = |comparison: &Comparison| {
        let mut unmarked = comparison.clone();
        unmarked
            .warnings
            .retain(|warning| !warning.starts_with(AGAIN));
        unmarked
    };
    unmarked(one) == unmarked(other)
}

/// What is left of a comparison when a side has no results any more: it answers nothing, and says why.
pub fn without_answer(known: &Comparison, reason: &str) -> Comparison {
    Comparison {
        verdict: Verdict::Incomplete,
        headline: format!("There is no answer any more: {reason}"),
        summary: summarise(&known.metric_details, &[]),
        test_cases: Vec::new(),
        missing: Vec::new(),
        explanations: Vec::new(),
        warnings: Vec::new(),
        ..known.clone()
    }
}

/// Whether a comparison answers nothing.
pub fn is_without_answer(comparison: &Comparison) -> bool {
    comparison.verdict == Verdict::Incomplete && comparison.test_cases.is_empty()
}

/// From where to where artifacts of a configuration are affected, on each line of history.
pub fn stretches(configuration: &ConfigurationId, artifacts: &[Artifact]) -> Vec<RetractedStretch> {
    let mut by_line: BTreeMap<Line, Vec<(i64, &ArtifactId)>> = BTreeMap::new();
    for artifact in artifacts {
        if let Some(place) = &artifact.history {
            let on_line = by_line.entry(place.line).or_default();
            on_line.push((place.ordinal, &artifact.id));
        }
    }
    let stretches = by_line.into_iter().filter_map(|(line, mut places)| {
        places.sort();
        let (first, last) = (places.first()?, places.last()?);
        Some(RetractedStretch {
            configuration: configuration.clone(),
            line,
            first: first.1.clone(),
            first_ordinal: first.0,
            last: last.1.clone(),
            last_ordinal: last.0,
        })
    });
    stretches.collect()
}

/// The name of an affected run's artifact under its configuration, in the order in which series are
/// brought up to date.
pub fn column_name(run: &AffectedRun) -> String {
    format!("{} {}", run.configuration, run.artifact)
}

#[cfg(test)]
mod tests;
