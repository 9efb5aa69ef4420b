//! What rustc-perf could not measure: its table `error`.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use shared_types::result_document::{FailureKind, MeasuringFailure};
use shared_types::test_case::ImportedName;
use shared_types::{ArtifactId, BenchmarkName, ConfigurationId, Profile, Replicate, TestCase};

use super::artifacts::text;
use super::export_file::unreadable;
use super::left_out::LeftOuts;
use super::schema::{BACKEND_BEFORE, CONTEXT, MESSAGE, Schema, TARGET_BEFORE};
use super::series;
use crate::FunctionsError;

/// The most that is kept of what a failing program said, in bytes: its end, where the reason is.
const OUTPUT_BYTES_MAX: usize = 8 * 1024;
/// The most that is kept of its first line, in characters.
const MESSAGE_CHARACTERS_MAX: usize = 300;

/// A failure of an export.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExportedFailure {
    /// Where its job says so.
    pub(super) configuration: Option<ConfigurationId>,
    pub(super) failure: MeasuringFailure,
}

/// The failures by the row of their artifact.
pub(super) type FailuresByArtifact = BTreeMap<i64, Vec<ExportedFailure>>;

/// Reads all of them: there are few.
pub(super) fn read(
    connection: &Connection,
    schema: &Schema,
    artifacts: &BTreeMap<i64, ArtifactId>,
    left_out: &mut LeftOuts,
) -> Result<FailuresByArtifact, FunctionsError> {
    let mut failures = FailuresByArtifact::new();
    if !schema.has("error") {
        return Ok(failures);
    }
    let sql = query(schema);
    let mut statement = connection.prepare(&sql).map_err(|e| unreadable(&e))?;
    let mut rows = statement.query([]).map_err(|e| unreadable(&e))?;
    while let Some(row) = rows.next().map_err(|e| unreadable(&e))? {
        let mut columns = [ValueRef::Null; 6];
        for (place, column) in columns.iter_mut().enumerate() {
            *column = row.get_ref(place).map_err(|e| unreadable(&e))?;
        }
        let [aid, context, message, target, backend, profile] = columns;
        let artifact = match aid {
            ValueRef::Integer(aid) => artifacts.get(&aid).map(|id| (aid, id)),
            _ => None,
        };
        let Some((aid, artifact)) = artifact else {
            left_out.note_row(
                "a row of `error`",
                "its artifact is unknown or was left out",
            );
            continue;
        };
        let profile = text(profile).and_then(|word| word.parse().ok());
        let context = text(context).unwrap_or("unknown");
        let failure = failure(
            artifact,
            context,
            text(message).unwrap_or_default(),
            profile,
        );
        let Some(failure) = failure else {
            left_out.note_row("a row of `error`", "what it is of has no name");
            continue;
        };
        let of_job = text(target).is_some() || text(backend).is_some();
        let of_job = of_job.then(|| {
            let target = text(target).unwrap_or(TARGET_BEFORE);
            let backend = text(backend).unwrap_or(BACKEND_BEFORE);
            series::configuration(target, backend, 1).ok()
        });
        failures.entry(aid).or_default().push(ExportedFailure {
            configuration: of_job.flatten().map(|(id, _)| id),
            failure,
        });
    }
    Ok(failures)
}

/// The failures with what their jobs were of, where the export has the jobs.
fn query(schema: &Schema) -> String {
    let context = schema.or("error", CONTEXT, "NULL");
    let message = schema.or("error", MESSAGE, "NULL");
    let of_job = ["target", "backend", "profile"]
        .map(|column| schema.column("job_queue", &[column]).is_some());
    let linked = schema.column("error", &["job_id"]).is_some()
        && schema.column("job_queue", &["id"]).is_some()
        && of_job == [true; 3];
    if linked {
        format!(
            "SELECT e.aid, e.{context}, e.{message}, j.target, j.backend, j.profile
             FROM error e LEFT JOIN job_queue j ON j.id = e.job_id"
        )
    } else {
        format!("SELECT aid, {context}, {message}, NULL, NULL, NULL FROM error")
    }
}

/// A failure. Where neither a job tells the profile nor the context a benchmark, it is one of
/// something that was measured elsewhere, under the name that it had there.
fn failure(
    artifact: &ArtifactId,
    context: &str,
    output: &str,
    profile: Option<Profile>,
) -> Option<MeasuringFailure> {
    let benchmark: Option<BenchmarkName> = context.parse().ok();
    let test_case = match (&benchmark, profile) {
        (Some(_), Some(_)) => None,
        _ => Some(TestCase::Imported {
            name: imported_name(context)?,
        }),
    };
    let first_line = output.lines().map(str::trim).find(|line| !line.is_empty());
    let message = first_line.unwrap_or("no reason was kept");
    Some(MeasuringFailure {
        artifact: artifact.clone(),
        replicate: Replicate::FIRST,
        benchmark: benchmark.or_else(|| "rustc-perf".parse().ok())?,
        profile: profile.unwrap_or(Profile::Opt),
        scenario: None,
        test_case,
        kind: FailureKind::BuildFailed,
        message: message.chars().take(MESSAGE_CHARACTERS_MAX).collect(),
        output: end_of(output).to_owned(),
    })
}

fn imported_name(context: &str) -> Option<ImportedName> {
    let printable: String = context
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    let mut name = printable.trim();
    while name.len() > 200 {
        name = name[..name.floor_char_boundary(200)].trim_end();
    }
    name.parse().ok()
}

fn end_of(output: &str) -> &str {
    let from = output.len().saturating_sub(OUTPUT_BYTES_MAX);
    &output[output.ceil_char_boundary(from)..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_context_and_message_make_a_failure_or_none(
            context in ".{0,300}", output in ".{0,100}(é{0,9000}|x{0,9000})",
        ) {
            let artifact: ArtifactId = "release-1.95.0".parse().unwrap();
            if let Some(failure) = failure(&artifact, &context, &output, None) {
                prop_assert!(failure.output.len() <= OUTPUT_BYTES_MAX);
                prop_assert!(output.ends_with(&failure.output));
            }
        }
    }

    #[test]
    fn a_failure_of_a_known_profile_explains_what_is_missing_of_it() {
        let artifact: ArtifactId = "release-1.95.0".parse().unwrap();
        let text = "\nerror[E0308]: mismatched types\n  at x";
        let known = failure(&artifact, "syn-2.0.101", text, Some(Profile::Check)).unwrap();
        assert_eq!(known.name(), "syn-2.0.101/check");
        assert_eq!(known.message, "error[E0308]: mismatched types");
        let unknown = failure(&artifact, "Collector crashed: a job", text, None).unwrap();
        assert_eq!(unknown.name(), "Collector crashed: a job");
    }
}
