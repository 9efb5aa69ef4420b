//! Answers to standard output, everything else to standard error.

use std::io::{ErrorKind, Write};

use serde::Serialize;
use serde_json::Value;

use crate::FunctionsError;

/// Prints an answer for people.
pub(super) fn answer(text: &str) -> Result<(), FunctionsError> {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    write!(out, "{text}{end}")
        .and_then(|()| out.flush())
        .map_err(FunctionsError::io("writing to standard output"))
}

/// Prints an answer for programs.
pub(super) fn answer_json<T: Serialize>(value: &T) -> Result<(), FunctionsError> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| FunctionsError::Defect(format!("an answer has no JSON: {error}")))?;
    answer(&json)
}

/// Says something beside the answer.
pub(super) fn say(line: &str) {
    // Nobody is left to tell that nobody listens.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Whether an answer could not be printed because nobody reads any more.
pub(super) fn is_closed_pipe(error: &FunctionsError) -> bool {
    matches!(
        error,
        FunctionsError::InputOutput { source, .. } if source.kind() == ErrorKind::BrokenPipe
    )
}

/// Reads a file, or standard input where its name is `-`.
pub(super) fn read_file(name: &str) -> Result<Vec<u8>, FunctionsError> {
    use std::io::Read;
    if name == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(FunctionsError::io("reading standard input"))?;
        return Ok(bytes);
    }
    std::fs::read(name).map_err(FunctionsError::io(format!("reading {name}")))
}

/// What a file of documents is expected to hold.
pub(super) struct Expected {
    /// As a noun phrase: "an artifact".
    pub(super) what: &'static str,
    /// The field in which `collector` prints such a document among other facts.
    pub(super) wrapped_in: &'static str,
    /// A field that may be left out, and what it then is.
    pub(super) default: Option<(&'static str, &'static str)>,
}

/// The documents of a file that holds one of them, or a list; plain, or among other facts.
pub(super) fn read_documents<T: serde::de::DeserializeOwned>(
    name: &str,
    expected: &Expected,
) -> Result<Vec<T>, FunctionsError> {
    documents(&read_file(name)?, expected)
        .map_err(|error| FunctionsError::Usage(format!("{name} is not {}: {error}", expected.what)))
}

fn documents<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    expected: &Expected,
) -> Result<Vec<T>, serde_json::Error> {
    let values = match serde_json::from_slice(bytes)? {
        Value::Array(values) => values,
        value => vec![value],
    };
    values
        .into_iter()
        .map(|mut value| {
            if let Some(inner) = value.get_mut(expected.wrapped_in) {
                value = inner.take();
            }
            if let (Some(fields), Some((field, default))) =
                (value.as_object_mut(), expected.default)
            {
                fields.entry(field).or_insert_with(|| default.into());
            }
            serde_json::from_value(value)
        })
        .collect()
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct JsonOption {
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[cfg(test)]
mod tests {
    use shared_types::Artifact;

    use super::*;

    const ARTIFACT: Expected = Expected {
        what: "an artifact",
        wrapped_in: "artifact",
        default: Some(("title", "rustc")),
    };

    fn ids(json: &str) -> Vec<String> {
        let artifacts: Vec<Artifact> = documents(json.as_bytes(), &ARTIFACT).unwrap();
        artifacts
            .iter()
            .map(|artifact| format!("{} {:?}", artifact.id, artifact.title))
            .collect()
    }

    #[test]
    fn one_document_a_list_and_what_the_collector_prints_are_read_alike() {
        let expected = [r#"release-1.95.0 Some("rustc")"#];
        assert_eq!(ids(r#"{"id":"release-1.95.0"}"#), expected);
        assert_eq!(ids(r#" [{"id":"release-1.95.0"}]"#), expected);
        assert_eq!(
            ids(r#"[{"artifact":{"id":"release-1.95.0"},"names":["stable"],"usable":true}]"#),
            expected
        );
    }

    #[test]
    fn what_is_given_is_not_replaced_by_the_default() {
        let given = r#"{"id":"release-1.95.0","title":"mine"}"#;
        assert_eq!(ids(given), [r#"release-1.95.0 Some("mine")"#]);
    }
}
