//! What rustc-perf was asked to measure: its table `benchmark_request`, or, where an export lacks
//! that, its artifacts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use shared_types::{ArtifactId, Profile};

use super::artifacts::{ArtifactKind, ExportedArtifact, artifact_id, placed, text, time};
use super::export_file::unreadable;
use super::left_out::LeftOuts;
use super::schema::Schema;
use crate::FunctionsError;

/// A request of rustc-perf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedRequest {
    /// What was measured.
    pub head: ArtifactId,
    /// What it is compared with, where it is.
    pub base: Option<ArtifactId>,
    /// What it is.
    pub kind: ArtifactKind,
    /// The pull request, where the export names one.
    pub pull_request: Option<i64>,
    /// When it was made, or, where the export says nothing of that, committed.
    pub at: Timestamp,
    /// Whether its compiler is still waited for.
    pub waits_for_artifacts: bool,
    /// The profiles; empty for the usual ones.
    pub profiles: Vec<Profile>,
}

/// The requests that have a time, in order.
pub(super) fn read(
    connection: &Connection,
    schema: &Schema,
    artifacts: &[ExportedArtifact],
    left_out: &mut LeftOuts,
) -> Result<Vec<ExportedRequest>, FunctionsError> {
    let mut requests = if schema.has("benchmark_request") {
        of_table(connection, schema, left_out)?
    } else {
        Vec::new()
    };
    if requests.is_empty() {
        requests = of_artifacts(artifacts);
    }
    requests.sort_by_key(|request| (request.at, request.head.clone()));
    Ok(requests)
}

/// The parents that requests name.
pub(super) fn parents(requests: &[ExportedRequest]) -> BTreeMap<ArtifactId, ArtifactId> {
    let masters = requests
        .iter()
        .filter(|request| request.kind == ArtifactKind::Master);
    masters
        .filter_map(|request| Some((request.head.clone(), request.base.clone()?)))
        .collect()
}

fn of_table(
    connection: &Connection,
    schema: &Schema,
    left_out: &mut LeftOuts,
) -> Result<Vec<ExportedRequest>, FunctionsError> {
    let or_null = |name: &'static str| schema.or("benchmark_request", &[name], "NULL");
    let sql = format!(
        "SELECT tag, commit_type, {}, {}, {}, {}, {}, {} FROM benchmark_request",
        or_null("parent_sha"),
        or_null("pr"),
        or_null("created_at"),
        or_null("commit_date"),
        or_null("status"),
        or_null("profiles"),
    );
    let mut statement = connection.prepare(&sql).map_err(|e| unreadable(&e))?;
    let mut rows = statement.query([]).map_err(|e| unreadable(&e))?;
    let mut requests = Vec::new();
    while let Some(row) = rows.next().map_err(|e| unreadable(&e))? {
        match of_row(row).map_err(|e| unreadable(&e))? {
            Ok(request) => requests.extend(request),
            Err(reason) => left_out.note_row("a row of `benchmark_request`", reason),
        }
    }
    Ok(requests)
}

/// What a row says; nothing where it waits for a compiler that has no name yet.
fn of_row(row: &Row<'_>) -> rusqlite::Result<Result<Option<ExportedRequest>, String>> {
    let kind = text(row.get_ref(1)?).and_then(ArtifactKind::of);
    let Some(tag) = text(row.get_ref(0)?) else {
        return Ok(Ok(None));
    };
    let created_at = time(row.get_ref(4)?);
    let Some(at) = created_at.or(time(row.get_ref(5)?)) else {
        return Ok(Err("it has no date".to_owned()));
    };
    let Some(kind) = kind else {
        return Ok(Err("its type is unknown".to_owned()));
    };
    let head = match artifact_id(tag, Some(kind)) {
        Ok(head) => head,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let base = text(row.get_ref(2)?).and_then(|sha| sha.parse().ok());
    // What is not among the profiles here is not measured here either.
    let profiles = text(row.get_ref(7)?).unwrap_or_default().split(',');
    Ok(Ok(Some(ExportedRequest {
        head,
        base,
        kind,
        pull_request: row.get_ref(3)?.as_i64().ok(),
        at,
        waits_for_artifacts: text(row.get_ref(6)?) == Some("waiting_for_artifacts"),
        profiles: profiles
            .filter_map(|profile| profile.trim().parse().ok())
            .collect(),
    })))
}

fn of_artifacts(artifacts: &[ExportedArtifact]) -> Vec<ExportedRequest> {
    let kinds: BTreeMap<&ArtifactId, ArtifactKind> =
        artifacts.iter().map(|one| (&one.id, one.kind)).collect();
    let all: Vec<&ExportedArtifact> = artifacts.iter().collect();
    let placed = placed(&all, &BTreeMap::new());
    let request = |artifact: shared_types::Artifact| {
        let kind = *kinds.get(&artifact.id)?;
        let parent = artifact.history.and_then(|history| history.parent);
        Some(ExportedRequest {
            // Releases are not compared with one another there.
            base: parent.filter(|_| kind == ArtifactKind::Master),
            kind,
            pull_request: None,
            at: artifact.commit_date?,
            waits_for_artifacts: false,
            profiles: Vec::new(),
            head: artifact.id,
        })
    };
    placed.into_iter().filter_map(request).collect()
}
