//! `cargo xtask tidy`: the rules of the house that a compiler does not check.
//!
//! Each rule is a pure function from what is in the checkout to violations, with a test that
//! plants one.

mod arrows;
mod code_map;
mod first_build;
mod lengths;
mod links;
mod lock_files;
mod machine_paths;
mod names;
mod page_code;
mod tree;

use std::fmt;

use crate::error::Error;
use crate::workspace::Workspace;
use tree::TextFile;

/// One rule broken in one place.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    /// The file, with the line where one can be told.
    place: String,
    /// What is wrong and what to do.
    message: String,
}

impl Violation {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }

    fn at_line(file: &TextFile, index: usize, message: impl Into<String>) -> Self {
        Self::new(format!("{}:{}", file.path, index + 1), message)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

/// Checks every rule and fails when one is broken; all violations are listed.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    let root = workspace.root();
    let paths = tree::paths(root)?;
    let files = tree::text_files(root, &paths)?;
    let metadata = arrows::cargo_metadata(root)?;
    let members = metadata.member_folders(root);

    let mut violations = Vec::new();
    violations.extend(arrows::check(&metadata));
    violations.extend(arrows::check_lints(&files, &members));
    violations.extend(first_build::check(&first_build::dependencies(root)?));
    violations.extend(lengths::check(&files));
    violations.extend(names::check(&files));
    violations.extend(links::check(&files, &paths));
    violations.extend(machine_paths::check(&files));
    violations.extend(lock_files::check(&files));
    violations.extend(page_code::check(&files));
    violations.extend(code_map::check(&files, &paths, &members));

    violations
        .iter()
        .for_each(|violation| eprintln!("{violation}"));
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Error::Untidy(violations.len()))
    }
}
