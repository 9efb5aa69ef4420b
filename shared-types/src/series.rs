//! Series as the page draws them: a manifest for each configuration, and immutable columnar blocks.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::host::HostSetup;
use crate::object_key::ContentHash;
use crate::{
    ArtifactId, Category, ConfigurationId, Epoch, FormatVersion, InvalidInput, Line, Metric,
    TestCase,
};

/// How many artifacts a block holds at most.
pub const BLOCK_ARTIFACTS_MAX: usize = 256;

/// What blocks a configuration has. Replaced as a whole, by compare-and-swap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesManifest {
    /// The version of this format.
    pub format: FormatVersion,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// One entry for each metric on each line of history.
    pub metrics: Vec<MetricBlocks>,
}

/// The blocks of one metric on one line of history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricBlocks {
    /// The metric.
    pub metric: Metric,
    /// The line.
    pub line: Line,
    /// Its blocks, oldest first; they do not overlap.
    pub blocks: Vec<BlockReference>,
}

/// Where a block is, and which stretch of artifacts it covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockReference {
    /// The last part of its key.
    pub content_hash: ContentHash,
    /// The ordinal of its first artifact.
    pub first_ordinal: i64,
    /// The ordinal of its last artifact.
    pub last_ordinal: i64,
    /// How many artifacts it holds.
    pub artifacts: u32,
}

/// One metric of all test cases of a configuration, over a stretch of artifacts. Stored as JSON,
/// compressed with gzip so that browsers decompress it themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesBlock {
    /// The version of this format.
    pub format: FormatVersion,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The metric.
    pub metric: Metric,
    /// The line of history.
    pub line: Line,
    /// The artifacts, oldest first: one for each place of every column.
    pub artifacts: Vec<SeriesArtifact>,
    /// The series.
    pub series: Vec<SeriesColumns>,
}

/// An artifact in a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesArtifact {
    /// Its name.
    pub id: ArtifactId,
    /// Its place on the line.
    pub ordinal: i64,
    /// When it was committed, where known.
    #[serde(
        default,
        deserialize_with = "crate::timestamp::read_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub commit_date: Option<Timestamp>,
    /// The hosts on which it was measured.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// How those hosts were set up meanwhile, in order of measuring, as far as it is known. Blocks
    /// from before this was kept have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setups: Vec<HostSetup>,
}

/// One series, as columns over the artifacts of its block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesColumns {
    /// What was measured.
    pub test_case: TestCase,
    /// The epoch; another epoch is another series.
    pub epoch: Epoch,
    /// What the benchmark stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// The smallest iteration, in the unit of the metric. `None` where not measured.
    pub minimum: Vec<Option<f64>>,
    /// The median iteration, in the unit of the metric. `None` where not measured.
    pub median: Vec<Option<f64>>,
    /// How many iterations were measured, over all replicates.
    pub iterations: Vec<u32>,
}

impl Versioned for SeriesManifest {
    const WHAT: &'static str = "a series manifest";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl Versioned for SeriesBlock {
    const WHAT: &'static str = "a series block";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let inconsistent = |reason: String| Err(InvalidInput::inconsistent(Self::WHAT, reason));
        let in_order = self
            .artifacts
            .windows(2)
            .all(|pair| (pair[0].ordinal, &pair[0].id) < (pair[1].ordinal, &pair[1].id));
        if !in_order {
            return inconsistent("its artifacts are not in order".to_owned());
        }
        let mut seen = BTreeSet::new();
        for series in &self.series {
            let places = self.artifacts.len();
            let fits = series.minimum.len() == places
                && series.median.len() == places
                && series.iterations.len() == places;
            if !fits {
                return inconsistent(format!(
                    "the columns of {} have another length than its {places} artifacts",
                    series.test_case
                ));
            }
            if !seen.insert((&series.test_case, &series.epoch)) {
                return inconsistent(format!("it has {} twice", series.test_case));
            }
        }
        Ok(())
    }
}
