//! Telling the kernel what measuring wants.
//!
//! The kernel forgets it at the next start, so that nothing is broken for good.

use std::fmt;

use serde::Serialize;

use super::{Finding, KernelSetting};
use crate::host::HostTree;

/// What became of one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mending {
    /// What the finding was about.
    pub subject: &'static str,
    /// What became of it.
    pub outcome: Mended,
}

/// What became of a finding that was not good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Mended {
    /// The kernel was told.
    Changed {
        /// The files, relative to the root.
        files: Vec<String>,
        /// What the first of them said.
        before: String,
        /// What it says now.
        after: String,
    },
    /// The kernel, or the rights of this process, did not allow it.
    Refused {
        /// The file, relative to the root.
        file: String,
        /// Why not.
        reason: String,
    },
    /// A program cannot or should not do it.
    LeftToPerson {
        /// What the person may do.
        #[serde(skip_serializing_if = "Option::is_none")]
        remedy: Option<String>,
    },
}

/// Mends what is not good, as far as a program may, and says what it did.
pub fn mend(tree: &HostTree, findings: &[Finding]) -> Vec<Mending> {
    let poor = findings
        .iter()
        .filter(|finding| finding.good == Some(false));
    poor.map(|finding| Mending {
        subject: finding.subject,
        outcome: if finding.settings.is_empty() {
            let remedy = finding.remedy.clone();
            Mended::LeftToPerson { remedy }
        } else {
            write_all(tree, &finding.settings)
        },
    })
    .collect()
}

fn write_all(tree: &HostTree, settings: &[KernelSetting]) -> Mended {
    let now = |path: &str| tree.read(path).unwrap_or_default();
    let before = settings.first().map(|setting| now(&setting.path));
    for KernelSetting { path, value } in settings {
        if let Err(error) = tree.write(path, value) {
            let reason = match error.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    "this takes root: run `sudo collector doctor --apply`".to_owned()
                }
                _ => error.to_string(),
            };
            return Mended::Refused {
                file: path.clone(),
                reason,
            };
        }
    }
    Mended::Changed {
        files: settings
            .iter()
            .map(|setting| setting.path.clone())
            .collect(),
        before: before.unwrap_or_default(),
        after: settings
            .first()
            .map(|setting| now(&setting.path))
            .unwrap_or_default(),
    }
}

/// The line by which a person writes the same.
pub(super) fn line(settings: &[KernelSetting]) -> String {
    let Some(KernelSetting { path, value }) = settings.first() else {
        return String::new();
    };
    if let Some(name) = path.strip_prefix("proc/sys/") {
        return format!("sudo sysctl {}={value}", name.replace('/', "."));
    }
    // All files are alike up to the number of their policy.
    match (settings.len(), path.rsplit_once("/policy")) {
        (2.., Some((folder, rest))) => {
            let file = rest.split_once('/').map_or(rest, |(_, file)| file);
            format!("echo {value} | sudo tee /{folder}/policy*/{file}")
        }
        _ => format!("echo {value} | sudo tee /{path}"),
    }
}

impl Mending {
    /// Whether it was to be mended and was not.
    pub fn is_refused(&self) -> bool {
        matches!(self.outcome, Mended::Refused { .. })
    }
}

impl fmt::Display for Mending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject;
        match &self.outcome {
            Mended::Changed {
                files,
                before,
                after,
            } => {
                let more = match files.len() {
                    0 | 1 => String::new(),
                    several => format!(" and {} more like it", several - 1),
                };
                let file = files.first().map(String::as_str).unwrap_or_default();
                writeln!(
                    formatter,
                    "changed {subject}: /{file}{more}: {before} -> {after}"
                )
            }
            Mended::Refused { file, reason } => {
                writeln!(formatter, "could not change {subject}: /{file}: {reason}")
            }
            Mended::LeftToPerson {
                remedy: Some(remedy),
            } => writeln!(formatter, "left to you {subject}: {remedy}"),
            Mended::LeftToPerson { remedy: None } => {
                writeln!(formatter, "cannot be mended {subject}")
            }
        }
    }
}
