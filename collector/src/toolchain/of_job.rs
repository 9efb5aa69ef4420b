//! The toolchains that a job is measured with.

use std::collections::BTreeMap;

use shared_types::ArtifactId;

use super::{HeldToolchain, Toolchain};

/// The toolchains of a job's artifacts, and why others are not there. Those from a cache stay in it
/// as long as this lives.
#[derive(Debug, Default)]
pub struct JobToolchains {
    found: BTreeMap<ArtifactId, Toolchain>,
    missing: BTreeMap<ArtifactId, String>,
    held: Vec<HeldToolchain>,
}

impl JobToolchains {
    /// The toolchain of an artifact.
    pub fn get(&self, artifact: &ArtifactId) -> Option<&Toolchain> {
        self.found.get(artifact)
    }

    /// Why there is no toolchain of an artifact, where that is known.
    pub fn reason_missing(&self, artifact: &ArtifactId) -> Option<&str> {
        self.missing.get(artifact).map(String::as_str)
    }

    /// Adds the toolchain of an artifact.
    pub fn add(&mut self, artifact: ArtifactId, toolchain: Toolchain) {
        self.found.insert(artifact, toolchain);
    }

    /// Adds the toolchain of an artifact, which stays in its cache from now on.
    pub fn add_held(&mut self, artifact: ArtifactId, held: HeldToolchain) {
        self.found.insert(artifact, held.toolchain.clone());
        self.held.push(held);
    }

    /// Says why there is no toolchain of an artifact.
    pub fn add_missing(&mut self, artifact: ArtifactId, reason: String) {
        self.missing.insert(artifact, reason);
    }
}

impl FromIterator<(ArtifactId, Toolchain)> for JobToolchains {
    fn from_iter<T: IntoIterator<Item = (ArtifactId, Toolchain)>>(toolchains: T) -> Self {
        Self {
            found: toolchains.into_iter().collect(),
            ..Self::default()
        }
    }
}
