//! A rustc-perf, by a SQLite export that somebody puts at one place again and again. It is imported
//! whenever it has changed, and what it says of a pair is computed here, by its own rule.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use analysis::rustc_perf::RustcPerfRule;
use analysis::shadow::in_brief;
use async_trait::async_trait;
use jiff::Timestamp;
use shared_types::request::{NewRequest, Selection};
use shared_types::run::{Side, SidePair};
use shared_types::shadow::VerdictInBrief;
use shared_types::{Artifact, ArtifactId, ConfigurationId, MetricName};
use tokio::sync::Mutex;

use super::followed::{Followed, FollowedRequest};
use crate::compare::{self, ComparisonQuery};
use crate::import::rustc_perf::ExportedRequest;
use crate::{Context, FunctionsError, import, run_values};

/// A rustc-perf that is followed by its exports.
pub struct RustcPerfExport {
    file: PathBuf,
    configurations: Vec<ConfigurationId>,
    /// What the last export said. Held while one is imported, so that two are never at it.
    last: Mutex<Option<LastExport>>,
}

struct LastExport {
    version: (SystemTime, u64),
    requests: Arc<Vec<ExportedRequest>>,
}

impl RustcPerfExport {
    /// Exports at a place, and the configurations of them that are followed.
    pub fn at(file: &Path, configurations: Vec<ConfigurationId>) -> Self {
        Self {
            file: file.to_owned(),
            configurations,
            last: Mutex::new(None),
        }
    }

    /// What the export says now, which is imported if it has changed.
    async fn exported(
        &self,
        context: &Context,
    ) -> Result<Arc<Vec<ExportedRequest>>, FunctionsError> {
        let mut last = self.last.lock().await;
        let version = version(&self.file)?;
        if let Some(known) = last.as_ref().filter(|known| known.version == version) {
            return Ok(Arc::clone(&known.requests));
        }
        let imported = import::rustc_perf(context, &self.file).await?;
        tracing::info!(
            runs = imported.runs,
            new = imported.runs_new,
            "an export of rustc-perf was imported"
        );
        let requests = Arc::new(imported.requests);
        *last = Some(LastExport {
            version,
            requests: Arc::clone(&requests),
        });
        Ok(requests)
    }
}

/// Tells one state of a file from another.
fn version(file: &Path) -> Result<(SystemTime, u64), FunctionsError> {
    let read = || {
        let facts = std::fs::metadata(file)?;
        Ok((facts.modified()?, facts.len()))
    };
    read().map_err(FunctionsError::io(format!("reading {}", file.display())))
}

#[async_trait]
impl Followed for RustcPerfExport {
    async fn requests(
        &self,
        context: &Context,
        since: Timestamp,
    ) -> Result<Vec<FollowedRequest>, FunctionsError> {
        let exported = self.exported(context).await?;
        let wanted = exported
            .iter()
            .filter(|request| request.at >= since && !request.waits_for_artifacts);
        Ok(wanted
            .map(|request| followed(request, &self.configurations))
            .collect())
    }

    async fn artifact(
        &self,
        context: &Context,
        id: &ArtifactId,
    ) -> Result<Option<Artifact>, FunctionsError> {
        // The import made it known.
        Ok(context.store.index.artifact(id).await?)
    }

    async fn verdict(
        &self,
        context: &Context,
        request: &FollowedRequest,
        configuration: &ConfigurationId,
        metrics: &[MetricName],
    ) -> Result<Option<(MetricName, VerdictInBrief)>, FunctionsError> {
        let Some(base) = &request.wanted.base else {
            return Ok(None);
        };
        let sides = SidePair {
            base: Side::pooled(base.clone()),
            head: Side::pooled(request.wanted.head.clone()),
        };
        for side in [&sides.base, &sides.head] {
            let results = run_values::results_of_side(context, configuration, side).await?;
            if results.is_empty() {
                return Ok(None);
            }
        }
        let mut wanted: Vec<Option<MetricName>> = metrics.iter().cloned().map(Some).collect();
        wanted.sort_by_key(|metric| metric.as_ref().map(MetricName::preference));
        if wanted.is_empty() {
            wanted.push(None);
        }
        for metric in wanted {
            let query = ComparisonQuery {
                configuration: configuration.clone(),
                sides: sides.clone(),
                metric,
                method: Some(RustcPerfRule::NAME.to_owned()),
            };
            match compare::on_demand(context, &query).await {
                Ok(comparison) => {
                    let metric = comparison.metric_details.name.clone();
                    return Ok(Some((metric, in_brief(&comparison))));
                }
                Err(FunctionsError::NotMeasured(_) | FunctionsError::Analysis(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

fn followed(request: &ExportedRequest, configurations: &[ConfigurationId]) -> FollowedRequest {
    let pull_request = request.pull_request.filter(|number| *number > 0);
    FollowedRequest {
        // rustc-perf measures a compiler once.
        name: request.head.to_string(),
        at: request.at,
        is_cancelled: false,
        wanted: NewRequest {
            base: request.base.clone(),
            head: request.head.clone(),
            configurations: configurations.to_vec(),
            selection: Selection {
                profiles: request.profiles.clone(),
                ..Selection::default()
            },
            paired: false,
            against_parent: false,
            // A parent that nobody measured before is measured with its child.
            backfill: request.base.is_some(),
            iterations: None,
            precision: None,
            self_profile: false,
            time_limit_s: None,
            priority: 0,
            reason: pull_request.map(|number| format!("pull request {number}")),
        },
    }
}
