//! The artifacts of an export, and their places in history.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use shared_types::{Artifact, ArtifactId, HistoryPosition, InvalidInput, Line};

use super::export_file::unreadable;
use super::left_out::LeftOuts;
use super::schema::Schema;
use crate::FunctionsError;

/// What rustc-perf calls the type of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactKind {
    /// A commit of the main branch.
    Master,
    /// A build of a pull request.
    Try,
    /// A published release.
    Release,
}

impl ArtifactKind {
    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "master" => Some(Self::Master),
            "try" => Some(Self::Try),
            "release" => Some(Self::Release),
            _ => None,
        }
    }

    fn line(self) -> Option<Line> {
        match self {
            Self::Master => Some(Line::Main),
            Self::Release => Some(Line::Releases),
            Self::Try => None,
        }
    }
}

/// An artifact of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExportedArtifact {
    /// By what the other tables name it.
    pub(super) row: i64,
    pub(super) id: ArtifactId,
    pub(super) kind: ArtifactKind,
    /// When it was committed, where the export says so.
    pub(super) date: Option<Timestamp>,
}

/// All artifacts, by their row. What has no name that can be understood is left out.
pub(super) fn read(
    connection: &Connection,
    schema: &Schema,
    left_out: &mut LeftOuts,
) -> Result<Vec<ExportedArtifact>, FunctionsError> {
    let date = schema.or("artifact", &["date"], "NULL");
    let kind = schema.or("artifact", &["type"], "'try'");
    let sql = format!("SELECT id, name, {date}, {kind} FROM artifact ORDER BY id");
    let mut statement = connection.prepare(&sql).map_err(|e| unreadable(&e))?;
    let mut rows = statement.query([]).map_err(|e| unreadable(&e))?;
    let mut artifacts = Vec::new();
    let mut names = BTreeSet::new();
    while let Some(row) = rows.next().map_err(|e| unreadable(&e))? {
        let number = row.get_ref(0).map_err(|e| unreadable(&e))?;
        let name = text(row.get_ref(1).map_err(|e| unreadable(&e))?);
        let date = time(row.get_ref(2).map_err(|e| unreadable(&e))?);
        let kind = text(row.get_ref(3).map_err(|e| unreadable(&e))?).and_then(ArtifactKind::of);
        let ValueRef::Integer(number) = number else {
            left_out.note("an artifact", "its id is no number");
            continue;
        };
        let what = || format!("the artifact {}", name.unwrap_or("without a name"));
        let Some(Ok(id)) = name.map(|name| artifact_id(name, kind)) else {
            let reason = "its name is neither a full commit sha nor a release";
            left_out.note(what(), reason);
            continue;
        };
        if !names.insert(id.clone()) {
            left_out.note(what(), "another artifact has the same name");
            continue;
        }
        if kind.is_none() {
            left_out.note(what(), "its type is unknown, so it has no place in history");
        }
        artifacts.push(ExportedArtifact {
            row: number,
            id,
            kind: kind.unwrap_or(ArtifactKind::Try),
            date,
        });
    }
    Ok(artifacts)
}

/// The name of an artifact here: rustc-perf calls a release by its version alone.
pub(super) fn artifact_id(
    name: &str,
    kind: Option<ArtifactKind>,
) -> Result<ArtifactId, InvalidInput> {
    if kind == Some(ArtifactKind::Release) && !name.starts_with("release-") {
        return format!("release-{name}").parse();
    }
    name.parse()
}

/// The artifacts with what is known of their places. A commit of the main branch has the parent that
/// `parents` names, else the one before it by date; what has no date has no place.
pub(super) fn placed(
    artifacts: &[&ExportedArtifact],
    parents: &BTreeMap<ArtifactId, ArtifactId>,
) -> Vec<Artifact> {
    let mut in_order: Vec<&&ExportedArtifact> = artifacts.iter().collect();
    in_order.sort_by_key(|artifact| (artifact.date, artifact.id.clone()));
    let mut last: BTreeMap<Line, ArtifactId> = BTreeMap::new();
    let mut placed = Vec::with_capacity(artifacts.len());
    for artifact in in_order {
        let place = artifact.kind.line().zip(artifact.date);
        let history = place.map(|(line, date)| {
            let before = last.insert(line, artifact.id.clone());
            let told = parents.get(&artifact.id).cloned();
            HistoryPosition {
                line,
                ordinal: date.as_second(),
                parent: told.filter(|_| line == Line::Main).or(before),
            }
        });
        placed.push(Artifact {
            commit_date: artifact.date,
            history,
            ..Artifact::named(artifact.id.clone())
        });
    }
    placed
}

/// A text, or none where there is something else.
pub(super) fn text(value: ValueRef<'_>) -> Option<&str> {
    value.as_str().ok().filter(|text| !text.is_empty())
}

/// A time: seconds or milliseconds since 1970, or a text as databases write it.
pub(super) fn time(value: ValueRef<'_>) -> Option<Timestamp> {
    /// Seconds beyond this are in the year 5138, and milliseconds below it in 1973.
    const SECONDS_MAX: i64 = 100_000_000_000;
    match value {
        ValueRef::Integer(seconds) if seconds.abs() < SECONDS_MAX => {
            Timestamp::from_second(seconds).ok()
        }
        ValueRef::Integer(milliseconds) => Timestamp::from_millisecond(milliseconds).ok(),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).ok()?.trim();
            let with_zone = || format!("{text}Z").parse().ok();
            text.parse().ok().or_else(with_zone)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn artifact(number: u8, kind: ArtifactKind, date: Option<i64>) -> ExportedArtifact {
        ExportedArtifact {
            row: i64::from(number),
            id: format!("{number:02x}").repeat(20).parse().unwrap(),
            kind,
            date: date.map(|second| Timestamp::from_second(second).unwrap()),
        }
    }

    proptest! {
        #[test]
        fn any_value_is_a_time_or_none(number in any::<i64>(), text in ".{0,30}|[0-9T:. +-]{0,25}") {
            let _ = time(ValueRef::Integer(number));
            let _ = time(ValueRef::Text(text.as_bytes()));
        }

        #[test]
        fn each_commit_follows_the_one_before_it_by_date_in_whatever_order_they_come(
            order in Just((0u8..20).collect::<Vec<_>>()).prop_shuffle()
        ) {
            let artifacts: Vec<ExportedArtifact> = order
                .iter()
                .map(|number| artifact(*number, ArtifactKind::Master, Some(i64::from(*number))))
                .collect();
            let placed = placed(&artifacts.iter().collect::<Vec<_>>(), &BTreeMap::new());
            for pair in placed.windows(2) {
                let history = pair[1].history.as_ref().unwrap();
                prop_assert_eq!(history.parent.as_ref(), Some(&pair[0].id));
                prop_assert!(pair[0].history.as_ref().unwrap().ordinal < history.ordinal);
            }
        }
    }

    #[test]
    fn a_time_is_read_as_databases_write_it() {
        let at = |text: &str| time(ValueRef::Text(text.as_bytes())).map(|at| at.as_second());
        assert_eq!(at("1970-01-01 00:00:09+00:00"), Some(9));
        assert_eq!(at("1970-01-01 00:00:09"), Some(9));
        assert_eq!(at("1970-01-01T00:00:09.5Z"), Some(9));
        assert_eq!(at("yesterday"), None);
        let milliseconds = time(ValueRef::Integer(1_776_000_000_000)).unwrap();
        assert_eq!(milliseconds.as_second(), 1_776_000_000);
    }

    #[test]
    fn try_builds_and_what_has_no_date_have_no_place_and_a_named_parent_is_believed() {
        let all = [
            artifact(1, ArtifactKind::Master, Some(10)),
            artifact(2, ArtifactKind::Try, Some(11)),
            artifact(3, ArtifactKind::Master, Some(12)),
            artifact(4, ArtifactKind::Master, Some(13)),
            artifact(5, ArtifactKind::Master, None),
        ];
        let parents = BTreeMap::from([(all[3].id.clone(), all[0].id.clone())]);
        let placed = placed(&all.iter().collect::<Vec<_>>(), &parents);
        let parent = |number: usize| {
            let found = placed.iter().find(|one| one.id == all[number].id).unwrap();
            found.history.as_ref().map(|history| history.parent.clone())
        };
        assert_eq!(parent(0), Some(None));
        assert_eq!(parent(1), None);
        assert_eq!(parent(2), Some(Some(all[0].id.clone())));
        assert_eq!(parent(3), Some(Some(all[0].id.clone())));
        assert_eq!(parent(4), None);
    }
}
