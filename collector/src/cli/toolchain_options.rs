//! The options that say where toolchains are fetched from and kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use shared_types::ArtifactId;

use crate::CollectorError;
use crate::execution::Leash;
use crate::host;
use crate::toolchain::{
    Authorities, CACHE_BYTES_MAX, CacheParts, FetchWatch, HeldToolchain, Rustup, Sources,
    Toolchain, ToolchainCache,
};

const SOURCES: &str = "PERFLEET_TOOLCHAIN_SOURCES";
const CACHE: &str = "PERFLEET_TOOLCHAIN_CACHE";

/// The variable that names a file of certificates, whose authorities are believed instead of those
/// that every browser knows.
const AUTHORITIES: &str = "SSL_CERT_FILE";

/// Where the cache of toolchains is.
#[derive(Debug, Args)]
pub(super) struct CacheOptions {
    /// The folder of fetched toolchains; collectors of one host may share it [default:
    /// PERFLEET_TOOLCHAIN_CACHE, else `toolchains` in the work folder]
    #[arg(long, value_name = "DIR")]
    toolchain_cache: Option<PathBuf>,
    /// How large that folder may be, in bytes: beyond, the toolchains leave it that were not used
    /// for longest
    #[arg(long, value_name = "BYTES", default_value_t = CACHE_BYTES_MAX)]
    toolchain_cache_bytes: u64,
}

/// Where toolchains come from that are not installed.
#[derive(Debug, Args)]
pub(super) struct FetchingOptions {
    /// Where toolchains of commits and releases are fetched from: `rust-lang`, or a file that
    /// docs/deployment.md describes [default: PERFLEET_TOOLCHAIN_SOURCES]
    #[arg(long, value_name = "rust-lang|FILE")]
    toolchain_sources: Option<String>,
    #[command(flatten)]
    cache: CacheOptions,
}

impl CacheOptions {
    /// How large the cache may be, in bytes.
    pub(super) fn bytes_max(&self) -> u64 {
        self.toolchain_cache_bytes
    }

    /// The cache, fetching from `sources`, beside the other things of the work folder `work` unless
    /// it was said to be elsewhere.
    pub(super) fn open(
        &self,
        work: &Path,
        rustup: &Rustup,
        sources: Sources,
    ) -> Result<ToolchainCache, CollectorError> {
        let variable = std::env::var_os(CACHE).filter(|value| !value.is_empty());
        let root = self
            .toolchain_cache
            .clone()
            .or_else(|| variable.map(PathBuf::from))
            .unwrap_or_else(|| work.join("toolchains"));
        ToolchainCache::open(CacheParts {
            root,
            bytes_max: self.toolchain_cache_bytes,
            sources,
            authorities: authorities()?,
            target: host::facts().target,
            rustup: rustup.clone(),
            clock: Arc::new(Timestamp::now),
        })
    }
}

/// Those of one's own, by the variable that OpenSSL and others know.
fn authorities() -> Result<Authorities, CollectorError> {
    let file = std::env::var_os(AUTHORITIES).filter(|value| !value.is_empty());
    match file {
        Some(file) if cfg!(feature = "https") => Authorities::of_file(Path::new(&file)),
        _ => Ok(Authorities::default()),
    }
}

impl FetchingOptions {
    /// The cache. Where nobody says what it is to fetch from, it fetches from `otherwise`.
    pub(super) fn open(
        &self,
        work: &Path,
        rustup: &Rustup,
        otherwise: Sources,
    ) -> Result<ToolchainCache, CollectorError> {
        let variable = std::env::var(SOURCES).ok();
        let named = self.toolchain_sources.clone().or(variable);
        let sources = match named.filter(|name| !name.is_empty()) {
            Some(name) => Sources::named(&name)?,
            None => otherwise,
        };
        self.cache.open(work, rustup, sources)
    }

    /// The toolchain that a person names: one of this machine, also by the name of its artifact, or a
    /// commit or release, which is fetched where this machine does not have it. A fetched one comes with its hold on the cache.
    pub(super) fn toolchain(
        &self,
        name: &str,
        work: &Path,
        rustup: &Rustup,
    ) -> Result<(Toolchain, Option<HeldToolchain>), CollectorError> {
        let Ok(artifact) = name.parse::<ArtifactId>() else {
            return Ok((Toolchain::named(name, rustup)?, None));
        };
        let installed = Toolchain::of_rustup(rustup).0;
        let found = installed
            .into_iter()
            .find(|toolchain| toolchain.is_artifact(&artifact));
        if let Some(toolchain) = found {
            return Ok((toolchain, None));
        }
        if let ArtifactId::Local { .. } = artifact {
            // Nobody else has it, so that there is nothing to fetch.
            return Ok((Toolchain::named(name, rustup)?, None));
        }
        let cache = self.open(work, rustup, Sources::none())?;
        let leash = Leash::default();
        let mut tell = |what: &str| eprintln!("{what}");
        let watch = FetchWatch::new(&leash, cache.time_max(), &mut tell);
        let held = cache.obtain(&artifact, &BTreeMap::new(), &watch)?;
        Ok((held.toolchain.clone(), Some(held)))
    }
}
