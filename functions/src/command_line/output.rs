//! Answers to standard output, everything else to standard error.

use std::io::{ErrorKind, Write};

use serde::Serialize;

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

/// A document of a file that holds one of them, or a list.
pub(super) fn read_documents<T: serde::de::DeserializeOwned>(
    name: &str,
    what: &str,
) -> Result<Vec<T>, FunctionsError> {
    let bytes = read_file(name)?;
    let is_list = bytes
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_some_and(|first| *first == b'[');
    let documents = if is_list {
        serde_json::from_slice(&bytes)
    } else {
        serde_json::from_slice(&bytes).map(|document| vec![document])
    };
    documents.map_err(|error| FunctionsError::Usage(format!("{name} is not {what}: {error}")))
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct JsonOption {
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}
