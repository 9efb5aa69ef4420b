//! Artifacts, of which more may become known later.

use shared_types::Artifact;

/// What is known of an artifact after somebody told more of it.
pub(crate) fn merge(known: Artifact, given: &Artifact) -> Artifact {
    Artifact {
        id: known.id,
        title: known.title.or_else(|| given.title.clone()),
        commit_sha: known.commit_sha.or_else(|| given.commit_sha.clone()),
        commit_date: known.commit_date.or(given.commit_date),
        history: given.history.clone().or(known.history),
    }
}
