//! Where the compilers of a job come from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use shared_types::ArtifactId;

use crate::CollectorError;
use crate::execution::Leash;
use crate::toolchain::{FetchWatch, JobToolchains, Rustup, Toolchain, ToolchainCache};

/// Where an agent looks for toolchains.
#[derive(Clone)]
pub struct ToolchainSources {
    /// What rustup has installed.
    pub rustup: Rustup,
    /// Toolchains that were named for an artifact. They go before those of rustup.
    pub named: BTreeMap<ArtifactId, PathBuf>,
    /// The cache that has, and fetches, all others.
    pub cache: Option<Arc<ToolchainCache>>,
}

impl ToolchainSources {
    /// The toolchains of these artifacts. One that there is none of, on any host and at any time,
    /// is among the missing; `tell` hears what is being fetched.
    ///
    /// # Errors
    /// When a toolchain could not be fetched for a reason that may pass, or the leash was cut.
    pub(super) fn resolve<'a>(
        &self,
        artifacts: impl IntoIterator<Item = &'a ArtifactId>,
        leash: &Leash,
        tell: &mut dyn FnMut(&str),
    ) -> Result<JobToolchains, CollectorError> {
        let mut installed = None;
        let mut resolved = JobToolchains::default();
        for artifact in artifacts {
            if let Some(path) = self.named.get(artifact) {
                match Toolchain::named(&path.to_string_lossy(), &self.rustup) {
                    Ok(toolchain) => resolved.add(artifact.clone(), toolchain),
                    Err(error) => resolved.add_missing(artifact.clone(), error.to_string()),
                }
                continue;
            }
            let found = installed
                .get_or_insert_with(|| Toolchain::of_rustup(&self.rustup).0)
                .iter()
                .find(|toolchain| toolchain.is_artifact(artifact));
            if let Some(toolchain) = found {
                resolved.add(artifact.clone(), toolchain.clone());
            } else if let Some(cache) = &self.cache {
                let watch = FetchWatch::new(leash, cache.time_max(), tell);
                match cache.obtain(artifact, &BTreeMap::new(), &watch) {
                    Ok(held) => resolved.add_held(artifact.clone(), held),
                    Err(error) if error.is_about_artifact() => {
                        resolved.add_missing(artifact.clone(), error.to_string());
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(resolved)
    }
}
