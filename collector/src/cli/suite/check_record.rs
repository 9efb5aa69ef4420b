//! What earlier checks found to pass, so that a long one that was interrupted can go on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use shared_types::object_key::ContentHash;

use super::check_report::CheckStep;
use crate::CollectorError;
use crate::measure::BuildOutcome;
use crate::suite::{Benchmark, RuntimeGroup};
use crate::toolchain::Toolchain;

/// The builds of one toolchain that passed.
pub(super) struct CheckRecord {
    file: PathBuf,
    /// Times of leaf crates in seconds, by benchmark, step and hash of what is compiled; of groups of
    /// programs, the times of their programs.
    passed: BTreeMap<String, f64>,
}

impl CheckRecord {
    /// The record of a toolchain in the collector's work folder `work`: what was written earlier
    /// where `resume` says so, else a new one.
    pub(super) fn open(
        work: &Path,
        toolchain: &Toolchain,
        resume: bool,
    ) -> Result<Self, CollectorError> {
        let folder = work.join("suite-check");
        std::fs::create_dir_all(&folder)
            .map_err(CollectorError::io("create the folder", &folder))?;
        let identity = format!(
            "{}\0{}\0{}",
            toolchain.version_text,
            toolchain.rustc.display(),
            toolchain.cargo.display()
        );
        let hash = ContentHash::of(identity.as_bytes());
        let file = folder.join(format!("{}.json", &hash.as_str()[..12]));
        let written = resume.then(|| std::fs::read(&file).ok()).flatten();
        // A record that is not understood is as good as none.
        let passed = written.and_then(|json| serde_json::from_slice(&json).ok());
        Ok(Self {
            file,
            passed: passed.unwrap_or_default(),
        })
    }

    /// What an earlier check found, where it passed.
    pub(super) fn known(&self, benchmark: &Benchmark, step: CheckStep) -> Option<BuildOutcome> {
        let leaf_s = *self.passed.get(&key(benchmark, step))?;
        Some(BuildOutcome::Passed { leaf_s })
    }

    /// Writes down what passed.
    pub(super) fn keep(
        &mut self,
        benchmark: &Benchmark,
        step: CheckStep,
        outcome: &BuildOutcome,
    ) -> Result<(), CollectorError> {
        let BuildOutcome::Passed { leaf_s } = outcome else {
            return Ok(());
        };
        self.write(key(benchmark, step), *leaf_s)
    }

    /// How long the programs of a group took, in seconds, where an earlier check found it to pass.
    pub(super) fn known_group(&self, group: &RuntimeGroup) -> Option<f64> {
        self.passed.get(&group_key(group)).copied()
    }

    /// Writes down that a group passed, and how long its programs took, in seconds.
    pub(super) fn keep_group(
        &mut self,
        group: &RuntimeGroup,
        programs_s: f64,
    ) -> Result<(), CollectorError> {
        self.write(group_key(group), programs_s)
    }

    fn write(&mut self, key: String, seconds: f64) -> Result<(), CollectorError> {
        self.passed.insert(key, seconds);
        let json = serde_json::to_vec_pretty(&self.passed).map_err(std::io::Error::other);
        let partial = self.file.with_extension("partial");
        json.and_then(|json| std::fs::write(&partial, json))
            .and_then(|()| std::fs::rename(&partial, &self.file))
            .map_err(CollectorError::io("write", &self.file))
    }
}

/// No benchmark has a name with a space.
fn group_key(group: &RuntimeGroup) -> String {
    format!(
        "runtime programs/{}/{}",
        group.name,
        group.epoch_inputs_hash()
    )
}

fn key(benchmark: &Benchmark, step: CheckStep) -> String {
    format!(
        "{}/{step}/{}",
        benchmark.name,
        benchmark.epoch_inputs_hash()
    )
}
