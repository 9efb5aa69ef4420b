//! A server with made-up builds of commits, and a cache that fetches from it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use collector::CollectorError;
use collector::execution::Leash;
use collector::toolchain::{
    Authorities, CacheParts, CachedToolchain, FetchWatch, HeldToolchain, Rustup, Sources,
    ToolchainCache,
};
use jiff::Timestamp;
use shared_types::ArtifactId;
use tempfile::TempDir;

use crate::archive_server::ArchiveServer;
use crate::archives::{cargo, host, incompressible, rust_std, rustc};

/// How much a made-up toolchain takes at least, in bytes.
pub(crate) const TOOLCHAIN_BYTES: u64 = 100_000;

/// Commits, the nth of which is `commit(n)`.
pub(crate) fn commit(number: u8) -> ArtifactId {
    format!("{number:040x}").parse().unwrap()
}

/// A server, a folder for a cache, and a clock.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) server: ArchiveServer,
    seconds: Arc<AtomicI64>,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::of(ArchiveServer::start())
    }

    pub(crate) fn of(server: ArchiveServer) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            server,
            seconds: Arc::new(AtomicI64::new(1_790_000_000)),
        }
    }

    /// The path of an archive on the server.
    pub(crate) fn path(artifact: &ArtifactId, component: &str) -> String {
        format!("/builds/{artifact}/{component}-nightly-{}.tar.gz", host())
    }

    /// Serves a whole build of a commit.
    pub(crate) fn serve(&self, artifact: &ArtifactId) {
        self.serve_as(artifact, &artifact.to_string());
    }

    /// Serves a build under the name of a commit that says that it is of another.
    pub(crate) fn serve_as(&self, artifact: &ArtifactId, sha: &str) {
        let filler = incompressible(usize::try_from(TOOLCHAIN_BYTES).unwrap());
        let put = |component, archive| self.server.put(&Self::path(artifact, component), archive);
        put("rustc", rustc(sha, &filler).gzip());
        put("rust-std", rust_std().gzip());
        put("cargo", cargo().gzip());
    }

    /// The file of sources that names the server, with lines at the end of its source.
    pub(crate) fn sources_file(&self, lines: &str) -> PathBuf {
        let path = self.folder.path().join("sources.toml");
        std::fs::write(&path, self.sources_text(lines)).unwrap();
        path
    }

    fn sources_text(&self, lines: &str) -> String {
        let checksum = if lines.contains("checksum =") {
            ""
        } else {
            "checksum = \"none\"\n"
        };
        format!(
            "format = \"1.0\"\n\n[[source]]\nname = \"local\"\nbuilds = \"commits\"\n\
             url = \"{}/builds/{{sha}}/{{component}}-nightly-{{target}}.tar.gz\"\n\
             components = [\"rustc\", \"rust-std\", \"cargo\"]\n{checksum}{lines}\n\
             [limits]\nattempts_max = 3\nfirst_pause_ms = 1\ntoolchain_bytes_max = 4000000000\n",
            self.server.address()
        )
    }

    pub(crate) fn cache(&self) -> ToolchainCache {
        self.cache_with("", u64::MAX)
    }

    pub(crate) fn cache_with(&self, lines: &str, bytes_max: u64) -> ToolchainCache {
        self.cache_of(
            Sources::parse(&self.sources_text(lines)).unwrap(),
            bytes_max,
        )
    }

    pub(crate) fn cache_of(&self, sources: Sources, bytes_max: u64) -> ToolchainCache {
        let seconds = Arc::clone(&self.seconds);
        ToolchainCache::open(CacheParts {
            root: self.root(),
            bytes_max,
            sources,
            authorities: Authorities::default(),
            target: host(),
            rustup: self.no_rustup(),
            clock: Arc::new(move || {
                let second = seconds.fetch_add(1, Ordering::Relaxed);
                Timestamp::from_second(second).unwrap()
            }),
        })
        .unwrap()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// A rustup that has no toolchain.
    pub(crate) fn no_rustup(&self) -> Rustup {
        let home = self.folder.path().join("no-rustup");
        Rustup::from_environment(|name| match name {
            "RUSTUP_HOME" => Some(home.clone().into()),
            name => std::env::var_os(name),
        })
    }

    /// The names of all files below a folder of the cache.
    pub(crate) fn files_in(&self, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        collect(&self.root().join(folder), &mut names);
        names
    }
}

fn collect(folder: &std::path::Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            collect(&entry.path(), names);
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
}

/// Asks a cache for a toolchain, with a minute's time.
pub(crate) fn obtain(
    cache: &ToolchainCache,
    artifact: &ArtifactId,
) -> Result<HeldToolchain, CollectorError> {
    let (leash, mut tell) = (Leash::default(), |_: &str| {});
    let watch = FetchWatch::new(&leash, Duration::from_secs(60), &mut tell);
    cache.obtain(artifact, &BTreeMap::new(), &watch)
}

/// The artifacts in a cache, the one first that was not used for longest.
pub(crate) fn artifacts(cache: &ToolchainCache) -> Vec<ArtifactId> {
    let toolchains = cache.toolchains().unwrap();
    toolchains
        .into_iter()
        .map(|CachedToolchain { artifact, .. }| artifact)
        .collect()
}
