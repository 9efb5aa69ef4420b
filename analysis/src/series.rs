//! Series as they are stored: runs become columns of blocks.

mod encoding;
mod merging;

pub use encoding::{EncodedBlock, decode_block, encode_block};
pub use merging::{SeriesUpdate, assemble, blocks_to_read, blocks_touched, merge_run};

use jiff::Timestamp;
use shared_types::host::HostSetup;
use shared_types::series::SeriesArtifact;
use shared_types::{ArtifactId, ConfigurationId, HistoryPosition, Line, Metric};

use crate::run_values::{CaseValues, RunValues};

/// All that was measured of one artifact under a configuration, as one column of its series.
#[derive(Debug, Clone, PartialEq)]
pub struct RunColumn {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The artifact.
    pub artifact: ArtifactId,
    /// The line of history that it is on.
    pub line: Line,
    /// Its place on that line.
    pub ordinal: i64,
    /// When it was committed, where known.
    pub commit_date: Option<Timestamp>,
    /// The hosts that measured it.
    pub hosts: Vec<String>,
    /// How they were set up meanwhile, in order of measuring.
    pub setups: Vec<HostSetup>,
    /// Every metric that a test case has.
    pub metrics: Vec<Metric>,
    /// The values, all replicates pooled.
    pub cases: Vec<CaseValues>,
}

impl RunColumn {
    /// The column of a run. An artifact without a place in history stays out of series, so the
    /// place is asked for.
    pub fn of(run: &RunValues, place: &HistoryPosition, commit_date: Option<Timestamp>) -> Self {
        Self {
            configuration: run.configuration.clone(),
            artifact: run.side.artifact.clone(),
            line: place.line,
            ordinal: place.ordinal,
            commit_date,
            hosts: run.hosts.clone(),
            setups: run.setups.clone(),
            metrics: run.metrics.clone(),
            cases: run.cases.clone(),
        }
    }

    /// The column of an artifact of which nothing counts: merged, it takes the artifact out.
    pub fn empty(
        configuration: &ConfigurationId,
        artifact: &ArtifactId,
        place: &HistoryPosition,
    ) -> Self {
        Self {
            configuration: configuration.clone(),
            artifact: artifact.clone(),
            line: place.line,
            ordinal: place.ordinal,
            commit_date: None,
            hosts: Vec::new(),
            setups: Vec::new(),
            metrics: Vec::new(),
            cases: Vec::new(),
        }
    }

    fn series_artifact(&self) -> SeriesArtifact {
        SeriesArtifact {
            id: self.artifact.clone(),
            ordinal: self.ordinal,
            commit_date: self.commit_date,
            hosts: self.hosts.clone(),
            setups: self.setups.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
