//! Where a commit of a watched branch stands in history.

use shared_types::{ArtifactId, HistoryPosition, Line};

use crate::{Context, FunctionsError};

/// The place of a commit on the main line: where it is known to be already, else where its source
/// counts it, but always after its parent. So the order holds where commits have one date, and where
/// one source counts commits and another tells times.
///
/// # Errors
/// When the store fails.
pub(crate) async fn place(
    context: &Context,
    commit: &ArtifactId,
    parent: Option<ArtifactId>,
    counted: i64,
) -> Result<HistoryPosition, FunctionsError> {
    let index = &context.store.index;
    let known = index.artifact(commit).await?.and_then(|one| one.history);
    if let Some(known) = known.filter(|known| known.line == Line::Main && known.parent == parent) {
        return Ok(known);
    }
    let before = match &parent {
        Some(parent) => index.artifact(parent).await?.and_then(|one| one.history),
        None => None,
    };
    let ordinal = match before.filter(|before| before.line == Line::Main) {
        Some(before) => counted.max(before.ordinal.saturating_add(1)),
        None => counted,
    };
    Ok(HistoryPosition {
        line: Line::Main,
        ordinal,
        parent,
    })
}
