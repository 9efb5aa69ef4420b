//! Judges the hosts of one run by the runs before it.

use std::collections::BTreeMap;

use analysis::disturbance::{self, RunAndWindow, WINDOW_ARTIFACTS};
use shared_types::disturbance::{DisturbanceAnswer, DisturbanceFinding, DisturbedRun};
use shared_types::result_document::{MeasuredRun, Origin, ResultDocument};
use shared_types::run::Side;
use shared_types::series::SeriesBlock;
use shared_types::{Artifact, ArtifactId, ConfigurationId, RunId};

use super::set_aside;
use crate::{Context, FunctionsError, run_values, series_blocks};

/// So many artifacts before a run are looked for: some of them were measured on other hosts.
pub(super) const PREDECESSORS_MAX: u32 = 2 * WINDOW_ARTIFACTS as u32;

/// What was found of a run.
pub(super) struct Judged {
    /// The hosts that the finding is about.
    pub(super) hosts: Vec<String>,
    pub(super) finding: DisturbanceFinding,
}

/// Judges each host of a run, and gives what was found of the most disturbed one. `None` where the
/// run is not complete, or has no place in history.
pub(super) async fn judge(
    context: &Context,
    configuration: &ConfigurationId,
    run: &MeasuredRun,
    known: &[DisturbedRun],
) -> Result<Option<Judged>, FunctionsError> {
    let index = &context.store.index;
    let Some(artifact) = index.artifact(&run.artifact).await? else {
        return Ok(None);
    };
    let Some(place) = &artifact.history else {
        return Ok(None);
    };
    let documents = complete_documents(context, configuration, run).await?;
    let is_measured = |document: &ResultDocument| document.origin == Origin::Collector;
    if !documents.iter().any(is_measured) {
        return Ok(None);
    }
    let predecessors = index.predecessors(place, PREDECESSORS_MAX).await?;
    let kept_out: Vec<&ArtifactId> = set_aside(known).collect();
    let predecessors: Vec<Artifact> = predecessors
        .into_iter()
        .filter(|artifact| !kept_out.contains(&&artifact.id))
        .collect();
    let blocks = blocks(context, configuration, &documents, &predecessors).await?;
    let ids: Vec<ArtifactId> = predecessors.into_iter().map(|one| one.id).collect();
    let side = Side {
        artifact: run.artifact.clone(),
        replicate: Some(run.replicate),
    };
    let mut by_host: BTreeMap<String, Vec<ResultDocument>> = BTreeMap::new();
    for document in documents {
        let of_host = by_host.entry(document.host.name.clone()).or_default();
        of_host.push(document);
    }
    let mut found = Vec::with_capacity(by_host.len());
    for (host, documents) in by_host {
        let values = analysis::pool(&side, &documents, artifact.history.clone())?;
        let measured = RunAndWindow::assemble(&blocks, &ids, &values);
        found.push((host, disturbance::judge(&measured)));
    }
    Ok(of_all_hosts(found))
}

/// The results of a run, if it has no jobs left.
async fn complete_documents(
    context: &Context,
    configuration: &ConfigurationId,
    run: &MeasuredRun,
) -> Result<Vec<ResultDocument>, FunctionsError> {
    let id = RunId {
        artifact: run.artifact.clone(),
        configuration: configuration.clone(),
    };
    let replicates = context.store.index.run(&id).await?;
    let is_complete = replicates
        .iter()
        .any(|one| one.replicate == run.replicate && one.jobs_left == 0);
    if !is_complete {
        return Ok(Vec::new());
    }
    let side = Side {
        artifact: run.artifact.clone(),
        replicate: Some(run.replicate),
    };
    let results = run_values::results_of_side(context, configuration, &side).await?;
    match run_values::documents(context, &results).await {
        Ok(documents) => Ok(documents),
        // What is lost is reported where it is compared.
        Err(FunctionsError::NotMeasured(_) | FunctionsError::Input(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The series of all that is needed to judge a host.
async fn blocks(
    context: &Context,
    configuration: &ConfigurationId,
    documents: &[ResultDocument],
    predecessors: &[Artifact],
) -> Result<Vec<SeriesBlock>, FunctionsError> {
    let manifest = series_blocks::manifest(context, configuration).await?;
    let metrics = documents.iter().flat_map(|document| &document.metrics);
    let mut blocks = Vec::new();
    for metric in disturbance::needed(metrics) {
        blocks.extend(series_blocks::blocks_of(context, &manifest, &metric, predecessors).await?);
    }
    Ok(blocks)
}

/// What was found of the host that is farthest off, and every host of which the same was found.
fn of_all_hosts(mut found: Vec<(String, DisturbanceFinding)>) -> Option<Judged> {
    let rank = |finding: &DisturbanceFinding| match finding.answer {
        DisturbanceAnswer::Disturbed => 0,
        DisturbanceAnswer::Undisturbed => 1,
        DisturbanceAnswer::NotKnown => 2,
    };
    let farthest = |finding: &DisturbanceFinding| {
        let shift = finding.shifts.first();
        shift.map_or(0.0, |shift| shift.deviations.abs())
    };
    found.sort_by(|(_, one), (_, other)| {
        let by_distance = farthest(other).total_cmp(&farthest(one));
        rank(one).cmp(&rank(other)).then(by_distance)
    });
    let answer = found.first()?.1.answer;
    let hosts = found
        .iter()
        .filter(|(_, finding)| finding.answer == answer)
        .map(|(host, _)| host.clone())
        .collect();
    let (_, finding) = found.swap_remove(0);
    Some(Judged { hosts, finding })
}
