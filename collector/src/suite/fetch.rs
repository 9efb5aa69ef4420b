//! Fetching: once by the network, so that everything after it is built offline.

use std::fs::File;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use shared_types::BenchmarkName;

use super::benchmark::{Benchmark, BenchmarkSource, hexadecimal};
use super::cargo_command::CargoIn;
use super::runtime_group::{LIBRARY, RuntimeGroup};
use super::{prepared_crate, registry_archive, source_tree};
use crate::CollectorError;

/// How folders begin that are not yet complete.
const PARTIAL: &str = ".partial-";

/// Where fetched benchmarks go, and by which cargo.
#[derive(Debug, Clone, Copy)]
pub struct FetchPlace<'a> {
    /// The cache; benchmarks lie in its folder `suite`.
    pub cache_dir: &'a Path,
    /// The cargo whose registry configuration is used.
    pub cargo: &'a Path,
}

/// A benchmark that is ready to be built with `--offline --locked`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedBenchmark {
    /// Which.
    pub name: BenchmarkName,
    /// Its crate. It must stay as it is: copy it before patching, and build with a target folder
    /// elsewhere.
    pub path: PathBuf,
}

/// What [`fetch`] is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchProgress<'a> {
    /// The benchmark.
    pub benchmark: &'a BenchmarkName,
    /// What is done with it now.
    pub step: FetchStep,
    /// How many benchmarks are ready.
    pub done: usize,
    /// How many benchmarks there are.
    pub total: usize,
}

/// A step of fetching one benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchStep {
    /// The crate is downloaded, checked and unpacked, or a stress crate is copied.
    Sources,
    /// The crates of its lock file are downloaded.
    Dependencies,
    /// Nothing is left to do.
    Ready,
}

/// Brings benchmarks into the cache, with all their dependencies in cargo's.
///
/// What is there already is not fetched again, and needs no network. Several processes may fetch
/// into one cache: they take turns. An interrupted fetch leaves nothing that looks complete; the
/// next one cleans up after it.
///
/// # Errors
/// When the registry cannot be reached, an archive has not the checksum that the suite names, a
/// lock file does not fit its crate, or the disk refuses something.
pub fn fetch(
    benchmarks: &[&Benchmark],
    place: FetchPlace<'_>,
    progress: &mut dyn FnMut(FetchProgress<'_>),
) -> Result<Vec<FetchedBenchmark>, CollectorError> {
    let suite_cache = SuiteCache::open(place)?;
    let total = benchmarks.len();
    let mut fetched = Vec::with_capacity(total);
    for benchmark in benchmarks {
        let done = fetched.len();
        let mut report = |step| {
            let ready = done + usize::from(step == FetchStep::Ready);
            progress(FetchProgress {
                benchmark: &benchmark.name,
                step,
                done: ready,
                total,
            });
        };
        let path = suite_cache.sources(benchmark, &mut report)?;
        suite_cache.dependencies(benchmark, &path, &mut report)?;
        report(FetchStep::Ready);
        fetched.push(FetchedBenchmark {
            name: benchmark.name.clone(),
            path,
        });
    }
    Ok(fetched)
}

/// Brings a crate of runtime benchmarks into the cache, with all its dependencies in cargo's. Returns
/// the crate's folder, beside which the library lies.
///
/// # Errors
/// As [`fetch`].
pub fn fetch_group(group: &RuntimeGroup, place: FetchPlace<'_>) -> Result<PathBuf, CollectorError> {
    let suite_cache = SuiteCache::open(place)?;
    let hash = group.epoch_inputs_hash();
    let folder = format!("runtime-{}-{}", group.name, &hash[..16]);
    let path = suite_cache.directory.join(folder);
    if !path.is_dir() {
        let partial = suite_cache.partial()?;
        let tree = partial.path().join("tree");
        let own = tree.join(group.name.as_str());
        source_tree::write(&group.files, &own)?;
        source_tree::write(&group.library, &tree.join(LIBRARY))?;
        let lock_path = own.join("Cargo.lock");
        std::fs::write(&lock_path, &group.lock).map_err(CollectorError::io("write", &lock_path))?;
        std::fs::rename(&tree, &path).map_err(CollectorError::io("move into place", &path))?;
    }
    let crate_folder = path.join(group.name.as_str());
    let whose = format!("the runtime benchmarks {}", group.name);
    suite_cache.crates_of_lock((&group.lock, &whose), &crate_folder, &mut |_| ())?;
    Ok(crate_folder)
}

/// Writes a new lock file for a benchmark: of the newest versions that its manifest allows. This
/// is for changing the suite, never for measuring.
///
/// # Errors
/// As [`fetch`].
pub fn generate_lock(
    benchmark: &Benchmark,
    place: FetchPlace<'_>,
) -> Result<String, CollectorError> {
    let suite_cache = SuiteCache::open(place)?;
    let folder = suite_cache.partial()?;
    let tree = suite_cache.prepared_tree(benchmark, folder.path())?;
    let cargo = CargoIn {
        cargo: place.cargo,
        directory: &tree,
    };
    cargo.run(
        &["generate-lockfile"],
        &format!("benchmark {}", benchmark.name),
    )?;
    let path = tree.join("Cargo.lock");
    std::fs::read_to_string(&path).map_err(CollectorError::io("read", &path))
}

/// The folder of prepared benchmarks, held by one process at a time.
struct SuiteCache<'a> {
    directory: PathBuf,
    cargo: &'a Path,
    _held: File,
}

impl<'a> SuiteCache<'a> {
    fn open(place: FetchPlace<'a>) -> Result<Self, CollectorError> {
        let directory = place.cache_dir.join("suite");
        std::fs::create_dir_all(&directory)
            .map_err(CollectorError::io("create the folder", &directory))?;
        // Cargo is run in other folders, so that a relative path would no longer be found.
        let directory = directory
            .canonicalize()
            .map_err(CollectorError::io("find the folder", &directory))?;
        let lock_path = directory.join(".lock");
        let held = File::create(&lock_path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(CollectorError::io("lock", &lock_path))?;
        let suite_cache = Self {
            directory,
            cargo: place.cargo,
            _held: held,
        };
        suite_cache.remove_partial()?;
        Ok(suite_cache)
    }

    /// Removes what interrupted fetches have left. Nobody else can be at work on it: the cache is
    /// held.
    fn remove_partial(&self) -> Result<(), CollectorError> {
        let listed = std::fs::read_dir(&self.directory)
            .map_err(CollectorError::io("list the folder", &self.directory))?;
        for entry in listed {
            let entry = entry.map_err(CollectorError::io("list the folder", &self.directory))?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(PARTIAL.as_bytes())
            {
                std::fs::remove_dir_all(entry.path())
                    .map_err(CollectorError::io("remove the folder", &entry.path()))?;
            }
        }
        Ok(())
    }

    fn partial(&self) -> Result<tempfile::TempDir, CollectorError> {
        tempfile::Builder::new()
            .prefix(PARTIAL)
            .tempdir_in(&self.directory)
            .map_err(CollectorError::io("create a folder in", &self.directory))
    }

    /// The folder of a prepared benchmark, made if it is not there. It appears under its name only
    /// when it is complete.
    fn sources(
        &self,
        benchmark: &Benchmark,
        report: &mut dyn FnMut(FetchStep),
    ) -> Result<PathBuf, CollectorError> {
        let Some(lock) = &benchmark.lock else {
            return Err(CollectorError::LockMissing {
                benchmark: benchmark.name.to_string(),
            });
        };
        let path = self.directory.join(folder_name(benchmark));
        if path.is_dir() {
            return Ok(path);
        }
        report(FetchStep::Sources);
        let partial = self.partial()?;
        let tree = self.prepared_tree(benchmark, partial.path())?;
        let lock_path = tree.join("Cargo.lock");
        std::fs::write(&lock_path, lock).map_err(CollectorError::io("write", &lock_path))?;
        std::fs::rename(&tree, &path).map_err(CollectorError::io("move into place", &path))?;
        Ok(path)
    }

    /// Unpacks and prepares a benchmark, without a lock file, in a folder under `partial`.
    fn prepared_tree(
        &self,
        benchmark: &Benchmark,
        partial: &Path,
    ) -> Result<PathBuf, CollectorError> {
        let [tree, workspace] = ["tree", "workspace"].map(|name| partial.join(name));
        for folder in [&tree, &workspace] {
            std::fs::create_dir(folder).map_err(CollectorError::io("create the folder", folder))?;
        }
        match &benchmark.source {
            BenchmarkSource::Registry(registry) => {
                let lock = benchmark.lock.as_deref();
                let cargo = CargoIn {
                    cargo: self.cargo,
                    directory: &workspace,
                };
                let archive = registry_archive::fetch(registry, lock, cargo)?;
                let package = format!("{}-{}", registry.package, registry.version);
                prepared_crate::prepare(&archive, &package, &tree)?;
            }
            BenchmarkSource::Stress { files, .. } => source_tree::write(files, &tree)?,
        }
        Ok(tree)
    }

    /// Makes sure that cargo has every crate of the benchmark's lock file.
    fn dependencies(
        &self,
        benchmark: &Benchmark,
        directory: &Path,
        report: &mut dyn FnMut(FetchStep),
    ) -> Result<(), CollectorError> {
        let lock = benchmark.lock.as_deref().unwrap_or_default();
        let whose = format!("benchmark {}", benchmark.name);
        self.crates_of_lock((lock, &whose), directory, report)
    }

    /// Makes sure that cargo has every crate of a lock file.
    fn crates_of_lock(
        &self,
        (lock, whose): (&str, &str),
        directory: &Path,
        report: &mut dyn FnMut(FetchStep),
    ) -> Result<(), CollectorError> {
        if !lock.contains("\nsource = ") {
            return Ok(());
        }
        let cargo = CargoIn {
            cargo: self.cargo,
            directory,
        };
        let purpose = format!("the dependencies of {whose}");
        // Cargo's cache is not ours: it may have been emptied since, or be another user's.
        if cargo
            .run(&["fetch", "--locked", "--offline"], &purpose)
            .is_ok()
        {
            return Ok(());
        }
        report(FetchStep::Dependencies);
        cargo.run(&["fetch", "--locked"], &purpose).map(drop)
    }
}

/// The name of a prepared benchmark's folder: another one as soon as anything in it is different.
fn folder_name(benchmark: &Benchmark) -> String {
    let mut hasher = Sha256::new();
    hasher.update(benchmark.epoch_inputs_hash());
    hasher.update(prepared_crate::PREPARATION);
    let digest = hexadecimal(&hasher.finalize());
    format!("{}-{}", benchmark.name, &digest[..16])
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
