//! Artifacts as people name them: by their whole name, or by as much of its beginning as no other
//! artifact has.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shared_types::api::Page;
use shared_types::run::SidePair;
use shared_types::{Artifact, ArtifactId};

use super::access::Access;
use crate::FunctionsError;

/// How many artifacts an ambiguous beginning lists.
const LISTED_MAX: usize = 10;

/// The artifact that `text` names. One whose whole name is given need not be known yet.
///
/// A whole name can be the beginning of another, `release-1.9` of `release-1.95.0`; it is meant
/// itself where it is known.
pub(super) async fn artifact(access: &Access, text: &str) -> Result<ArtifactId, FunctionsError> {
    let whole = text.parse::<ArtifactId>();
    if let Ok(ArtifactId::Commit(_)) = &whole {
        return Ok(whole?);
    }
    let limit = LISTED_MAX + 1;
    let path = format!("artifacts?prefix={}&limit={limit}", encoded(text));
    let found: Page<Artifact> = access.get(&path).await?;
    let ids: Vec<&ArtifactId> = found.items.iter().map(|artifact| &artifact.id).collect();
    if let Some(exact) = ids.iter().find(|id| id.to_string() == text) {
        return Ok((**exact).clone());
    }
    match (ids.as_slice(), whole) {
        ([one], _) => Ok((*one).clone()),
        ([], whole) => whole.map_err(|error| {
            FunctionsError::Usage(format!(
                "{error}; nor does the name of a known artifact begin so: `perfleet artifact list` \
                 lists them"
            ))
        }),
        (several, _) => Err(ambiguous(text, several)),
    }
}

fn ambiguous(text: &str, ids: &[&ArtifactId]) -> FunctionsError {
    let mut listed: Vec<String> = ids
        .iter()
        .take(LISTED_MAX)
        .map(|id| format!("  {id}"))
        .collect();
    if ids.len() > LISTED_MAX {
        listed.push("  … and more".to_owned());
    }
    FunctionsError::Usage(format!(
        "`{text}` is the beginning of several artifacts; name one of them:\n{}",
        listed.join("\n")
    ))
}

/// One side of a comparison: an artifact, with `#2` for one replicate and `@CONFIGURATION` where
/// these were given. Returned as the API reads it, its artifact by its whole name.
pub(super) async fn side(access: &Access, text: &str) -> Result<String, FunctionsError> {
    let end = text.find(['#', '@']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let artifact = artifact(access, name).await?;
    Ok(format!("{artifact}{rest}"))
}

/// A pair of sides as one part of a path.
pub(super) fn encoded_pair(sides: &SidePair) -> String {
    let (base, head) = (sides.base.to_string(), sides.head.to_string());
    format!("{}..{}", encoded(&base), encoded(&head))
}

/// A text as a part of a path or as a value in a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
