//! Retractions: results that somebody took back, because of the host or of the time at which they
//! were measured. The results themselves stay where they are; they no longer count.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::ComparisonReference;
use crate::comparison::Verdict;
use crate::format::Versioned;
use crate::result_document::MeasuredRun;
use crate::run::{Side, SidePair};
use crate::text::{text_conversions, word_enum};
use crate::{
    ArtifactId, ConfigurationId, FormatVersion, InvalidInput, Line, MetricName, Replicate,
    RequestId, RetractionId, RunId,
};

/// The longest reason, in bytes.
pub const REASON_BYTES_MAX: usize = 2000;
/// How many changes of verdicts a retraction remembers: the first ones.
pub const VERDICT_CHANGES_MAX: usize = 200;

/// A run that is retracted, or one replicate of it: `ARTIFACT@CONFIGURATION`,
/// `ARTIFACT@CONFIGURATION#2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetractedRun {
    /// The run.
    pub run: RunId,
    /// One measuring of it, or all of them.
    pub replicate: Option<Replicate>,
}

impl fmt::Display for RetractedRun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.replicate {
            None => self.run.fmt(formatter),
            Some(replicate) => write!(formatter, "{}#{}", self.run, replicate.number()),
        }
    }
}

impl FromStr for RetractedRun {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((run, number)) = text.split_once('#') else {
            return Ok(Self {
                run: text.parse()?,
                replicate: None,
            });
        };
        let run: RunId = run.parse()?;
        // The side knows how a replicate is written.
        let side: Side = format!("{}#{number}", run.artifact).parse()?;
        Ok(Self {
            run,
            replicate: side.replicate,
        })
    }
}

text_conversions!(RetractedRun);

/// Which results are retracted: those for which all holds that is said here. At least one thing is.
///
/// A reader that knows less refuses what it does not know: to leave out a condition is to retract
/// more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetractionRange {
    /// Measured on this host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Measured under this configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ConfigurationId>,
    /// Of this run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RetractedRun>,
    /// Measured at this time or later. What counts is when the measuring ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Measured before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// What has to be known of a result to say whether it is retracted.
#[derive(Debug, Clone, Copy)]
pub struct ResultPlace<'a> {
    /// The configuration under which it was measured.
    pub configuration: &'a ConfigurationId,
    /// The replicate that it is a part of.
    pub run: &'a MeasuredRun,
    /// The host that measured it.
    pub host: &'a str,
    /// When its measuring ended.
    pub measured_at: Timestamp,
}

impl RetractionRange {
    /// Whether a result is in the range.
    pub fn covers(&self, result: ResultPlace<'_>) -> bool {
        let same_run = |wanted: &RetractedRun| {
            wanted.run.artifact == result.run.artifact
                && wanted.run.configuration == *result.configuration
                && wanted
                    .replicate
                    .is_none_or(|one| one == result.run.replicate)
        };
        self.host.as_deref().is_none_or(|host| host == result.host)
            && self
                .configuration
                .as_ref()
                .is_none_or(|one| one == result.configuration)
            && self.run.as_ref().is_none_or(same_run)
            && self.from.is_none_or(|from| result.measured_at >= from)
            && self.to.is_none_or(|to| result.measured_at < to)
    }

    /// Whether results of a configuration can be in the range.
    pub fn may_cover(&self, configuration: &ConfigurationId) -> bool {
        let of_run = self.run.as_ref().map(|run| &run.run.configuration);
        [self.configuration.as_ref(), of_run]
            .into_iter()
            .flatten()
            .all(|one| one == configuration)
    }

    fn check(&self) -> Result<(), InvalidInput> {
        let refuse = |reason: &str| Err(InvalidInput::inconsistent("a retraction", reason));
        if *self == Self::default() {
            return refuse(
                "it names no range: name a host, a configuration, a run, or a time from or to \
                 which results are retracted",
            );
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return refuse("it ends before it begins");
        }
        let other = |run: &RetractedRun| {
            let wanted = self.configuration.as_ref();
            wanted.is_some_and(|wanted| *wanted != run.run.configuration)
        };
        if self.run.as_ref().is_some_and(other) {
            return refuse("the run that it names is of another configuration than it names");
        }
        Ok(())
    }
}

impl fmt::Display for RetractionRange {
    /// As the end of a sentence that begins with "results".
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.run.as_ref().map(|run| format!("of {run}")));
        parts.extend(self.host.as_ref().map(|host| format!("of host {host}")));
        let configuration = self.configuration.as_ref();
        parts.extend(configuration.map(|id| format!("under {id}")));
        parts.extend(self.from.map(|from| format!("from {from}")));
        parts.extend(self.to.map(|to| format!("to {to}")));
        formatter.write_str(&parts.join(" "))
    }
}

/// What somebody wants retracted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRetraction {
    /// Which results.
    pub range: RetractionRange,
    /// Why.
    pub reason: String,
}

impl NewRetraction {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// When the range is empty or contradicts itself, or there is no reason, or a very long one.
    pub fn check(&self) -> Result<(), InvalidInput> {
        self.range.check()?;
        check_reason(&self.reason)
    }
}

fn check_reason(reason: &str) -> Result<(), InvalidInput> {
    if reason.trim().is_empty() {
        return Err(InvalidInput::inconsistent(
            "a retraction",
            "it has no reason: say why these results are not to be trusted",
        ));
    }
    if reason.len() > REASON_BYTES_MAX {
        return Err(InvalidInput::inconsistent(
            "a retraction",
            format!("its reason is longer than {REASON_BYTES_MAX} bytes"),
        ));
    }
    Ok(())
}

word_enum! {
    /// How far a retraction has come.
    RetractionState,
    "a state: carrying-out, in-force, taking-back or taken-back" {
        /// The results no longer count, and what rests on them is being made again.
        CarryingOut => "carrying-out",
        /// The results do not count, and nothing rests on them any more.
        InForce => "in-force",
        /// The results count again, and what rests on them is being made again.
        TakingBack => "taking-back",
        /// The results count as if nothing had been.
        TakenBack => "taken-back",
    }
}

impl RetractionState {
    /// Whether the results do not count.
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::CarryingOut | Self::InForce)
    }

    /// Whether there is something to be made again yet.
    pub fn is_open(self) -> bool {
        matches!(self, Self::CarryingOut | Self::TakingBack)
    }
}

/// That a retraction was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    /// Who took it back.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A stretch of artifacts of one configuration of which something was retracted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractedStretch {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The line of history that they are on.
    pub line: Line,
    /// The first artifact.
    pub first: ArtifactId,
    /// Its place on that line.
    pub first_ordinal: i64,
    /// The last artifact.
    pub last: ArtifactId,
    /// Its place on that line.
    pub last_ordinal: i64,
}

/// How far what rests on the results has been made again: it goes on here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractionProgress {
    /// Whether the series are done and comparisons are being made.
    pub comparing: bool,
    /// What was done last of the current part, in the order of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A comparison whose verdict is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictChange {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// What is compared.
    pub sides: SidePair,
    /// In which metric.
    pub metric: MetricName,
    /// What it was.
    pub before: Verdict,
    /// What it is. `incomplete` where there is nothing left to compare.
    pub after: Verdict,
    /// The requests to which this was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestId>,
}

/// Results that somebody took back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retraction {
    /// The version of this format.
    pub format: FormatVersion,
    /// Its id.
    pub id: RetractionId,
    /// Which results.
    pub range: RetractionRange,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How far it has come.
    pub state: RetractionState,
    /// That it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_back: Option<TakenBack>,
    /// How far what rests on the results has been made again.
    pub progress: RetractionProgress,
    /// The artifacts of which results were found in the range, where they have a place in history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stretches: Vec<RetractedStretch>,
    /// The verdicts that changed, [`VERDICT_CHANGES_MAX`] at most. After it was taken back: those
    /// that changed by that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdict_changes: Vec<VerdictChange>,
}

impl Retraction {
    /// A retraction of which nothing was done yet.
    pub fn beginning(id: RetractionId, wanted: NewRetraction, by: String, at: Timestamp) -> Self {
        Self {
            format: Self::VERSION,
            id,
            range: wanted.range,
            reason: wanted.reason,
            by,
            at,
            state: RetractionState::CarryingOut,
            taken_back: None,
            progress: RetractionProgress::default(),
            stretches: Vec::new(),
            verdict_changes: Vec::new(),
        }
    }

    /// Whether a result does not count because of this.
    pub fn retracts(&self, result: ResultPlace<'_>) -> bool {
        self.state.is_in_force() && self.range.covers(result)
    }

    /// What was retracted, by whom and why.
    pub fn sentence(&self) -> String {
        let (range, by, day) = (&self.range, &self.by, self.at.strftime("%Y-%m-%d"));
        let reason = self.reason.trim().trim_end_matches('.');
        format!("Results {range} were retracted by {by} on {day}: {reason}.")
    }

    /// The same, taken back from `at` on. What is to be made again begins anew.
    pub fn taken_back(&self, by: String, at: Timestamp) -> Self {
        Self {
            state: RetractionState::TakingBack,
            taken_back: Some(TakenBack { by, at }),
            progress: RetractionProgress::default(),
            verdict_changes: Vec::new(),
            ..self.clone()
        }
    }
}

impl Versioned for Retraction {
    const WHAT: &'static str = "a retraction";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        self.range.check()?;
        check_reason(&self.reason)
    }
}

/// What of a run was retracted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetractedPart {
    /// The retraction.
    pub retraction: RetractionId,
    /// How many results of the run do not count because of retractions.
    pub results: u32,
    /// How many results still count. With none, the run is as if it had never been measured.
    pub results_left: u32,
    /// What was retracted, by whom and why.
    pub sentence: String,
}

/// A replicate of which results are in a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedRun {
    /// The artifact.
    pub artifact: ArtifactId,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Which measuring.
    pub replicate: Replicate,
    /// The hosts that measured what is in the range.
    pub hosts: Vec<String>,
    /// How many of its results are in the range.
    pub results: u32,
    /// How many of its results are not.
    pub results_left: u32,
}

/// What a retraction touches, or would.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetractionEffects {
    /// The replicates of which results are in the range, by configuration and artifact.
    pub runs: Vec<AffectedRun>,
    /// The comparisons that are made again: of these artifacts, and of those that are held against
    /// them as their history.
    pub comparisons: Vec<ComparisonReference>,
    /// The metrics whose series are written anew, by configuration.
    pub series: Vec<AffectedSeries>,
    /// The findings of triage that rest on these comparisons.
    pub findings: Vec<SidePair>,
    /// The requests that asked for these comparisons, or whose runs these are.
    pub requests: Vec<RequestId>,
}

/// Series that are written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedSeries {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The metric.
    pub metric: MetricName,
    /// How many artifacts change in them.
    pub artifacts: u32,
}

#[cfg(test)]
mod tests;
