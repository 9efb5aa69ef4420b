//! A cache of toolchains that were fetched: at most so large, and safe to share between the
//! collectors of a host.
//!
//! A toolchain is in the cache whole or not at all: it is fetched and unpacked elsewhere on the same
//! file system, asked what it is, and only then moved into its place.

mod entry_lock;
mod eviction;
mod folders;
mod record;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared_types::{ArtifactId, FormatVersion};

use super::fetch::{
    Authorities, ComponentName, FetchWatch, FetchedArchive, FetchedBuild, Fetcher, Sha256Sum,
    Sources, Wanted, check_identity, remove_folder,
};
use super::{Rustup, Toolchain};
use crate::CollectorError;
use entry_lock::{EntryLock, Hold};
use eviction::{Candidate, evictions};
use folders::{CacheFolders, EntryKey};
use record::{ChecksumRecord, ToolchainRecord};

/// How often a lock is looked at that another process holds.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often a toolchain is fetched that is evicted again before it could be used.
const ROUNDS_MAX: u32 = 3;

/// How long the archives of a fetch that failed are kept for the next one.
const LEFT_OVER_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How large a cache may be when nobody says otherwise, in bytes: some twenty toolchains.
pub const CACHE_BYTES_MAX: u64 = 30_000_000_000;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A cache of toolchains.
pub struct ToolchainCache {
    folders: CacheFolders,
    bytes_max: u64,
    fetcher: Fetcher,
    target: String,
    rustup: Rustup,
    clock: Clock,
}

/// What a cache is made of.
pub struct CacheParts {
    /// Its folder.
    pub root: PathBuf,
    /// How large it may be, in bytes. Toolchains in use stay, even if they take more.
    pub bytes_max: u64,
    /// Where toolchains come from.
    pub sources: Sources,
    /// Whose certificates of servers are believed.
    pub authorities: Authorities,
    /// The target triple of this host.
    pub target: String,
    /// Whose cargo builds for a toolchain that has none.
    pub rustup: Rustup,
    /// Tells the time.
    pub clock: Clock,
}

/// A toolchain that stays in its cache as long as this lives.
#[derive(Debug)]
pub struct HeldToolchain {
    /// The toolchain.
    pub toolchain: Toolchain,
    _lock: EntryLock,
}

/// A toolchain in a cache, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CachedToolchain {
    /// What it is.
    pub artifact: ArtifactId,
    /// The target triple that it runs on.
    pub target: String,
    /// What it calls itself.
    pub title: Option<String>,
    /// Its sysroot.
    pub sysroot: PathBuf,
    /// The name of the source that had it.
    pub source: String,
    /// The archives that it was made of.
    pub archives: Vec<FetchedArchive>,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// When it was last used.
    pub last_used: Timestamp,
    /// What its files take, in bytes.
    pub bytes: u64,
    /// Whether a collector uses it now.
    pub in_use: bool,
}

impl ToolchainCache {
    /// Opens a cache, and makes its folders where they are not there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn open(parts: CacheParts) -> Result<Self, CollectorError> {
        Ok(Self {
            folders: CacheFolders::open(&parts.root)?,
            bytes_max: parts.bytes_max,
            fetcher: Fetcher::new(parts.sources, &parts.authorities),
            target: parts.target,
            rustup: parts.rustup,
            clock: parts.clock,
        })
    }

    /// The longest that a toolchain is fetched for.
    pub fn time_max(&self) -> Duration {
        self.fetcher.sources().limits.time_max
    }

    /// The toolchain of an artifact: from the cache, else fetched. `given` are checksums that its
    /// archives must have if they are fetched.
    ///
    /// # Errors
    /// Those for which [`CollectorError::is_about_artifact`] is true will come again, whoever asks;
    /// others may pass.
    pub fn obtain(
        &self,
        artifact: &ArtifactId,
        given: &BTreeMap<ComponentName, Sha256Sum>,
        watch: &FetchWatch<'_>,
    ) -> Result<HeldToolchain, CollectorError> {
        let key = EntryKey::of(artifact, &self.target);
        for _ in 0..ROUNDS_MAX {
            let lock = self.lock(&key, Hold::Shared, artifact, watch)?;
            if let Some(toolchain) = self.ready(&key, artifact) {
                let last_use = folders::last_use_in(&self.folders.ready(&key));
                record::write_time(&last_use, (self.clock)())?;
                return Ok(HeldToolchain {
                    toolchain,
                    _lock: lock,
                });
            }
            drop(lock);
            let lock = self.lock(&key, Hold::Exclusive, artifact, watch)?;
            if self.ready(&key, artifact).is_none() {
                self.bring(&key, artifact, given, watch)?;
                self.keep_to_size(&key);
            }
            // Another may take hold of it in between, and nobody is kept from removing it: so the
            // next round looks again.
            drop(lock);
        }
        Err(CollectorError::DownloadFailed {
            url: artifact.to_string(),
            reason: format!(
                "it was evicted from the cache {ROUNDS_MAX} times before it could be used: give \
                 the cache more room"
            ),
        })
    }

    /// All toolchains in the cache, the one first that was not used for longest.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn toolchains(&self) -> Result<Vec<CachedToolchain>, CollectorError> {
        let mut toolchains = Vec::new();
        for key in self.folders.ready_keys()? {
            match self.described(&key) {
                Ok(Some(toolchain)) => toolchains.push(toolchain),
                Ok(None) => {}
                Err(error) => eprintln!(
                    "note: `{}` is in the cache of toolchains and cannot be used: {error}",
                    self.folders.ready(&key).display()
                ),
            }
        }
        toolchains.sort_by_key(|toolchain| toolchain.last_used);
        Ok(toolchains)
    }

    /// What all toolchains in the cache take, in bytes, as it was when each was fetched. What cannot be
    /// read is left out.
    pub fn bytes(&self) -> u64 {
        let keys = self.folders.ready_keys().unwrap_or_default();
        let records = keys.iter().filter_map(|key| {
            let path = folders::record_in(&self.folders.ready(key));
            record::read::<ToolchainRecord>(&path).ok().flatten()
        });
        records.fold(0, |sum, record| sum.saturating_add(record.bytes))
    }

    /// Removes the toolchain of an artifact and what an interrupted fetch of it has left, and with
    /// `forget` the checksums of its archives, too, so that others may be fetched in their place.
    /// Says whether there was anything.
    ///
    /// # Errors
    /// [`CollectorError::ToolchainInUse`] where a collector uses or fetches it.
    pub fn remove(&self, artifact: &ArtifactId, forget: bool) -> Result<bool, CollectorError> {
        let key = EntryKey::of(artifact, &self.target);
        let lock = EntryLock::try_take(&self.folders.lock(&key), Hold::Exclusive)?;
        let lock = lock.ok_or_else(|| CollectorError::ToolchainInUse {
            artifact: artifact.clone(),
        })?;
        let mut found = self.folders.ready(&key).exists() || self.folders.fetching(&key).exists();
        self.remove_ready(&key)?;
        remove_folder(&self.folders.fetching(&key))?;
        if forget {
            match std::fs::remove_file(self.folders.checksums(&key)) {
                Ok(()) => found = true,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    let path = self.folders.checksums(&key);
                    return Err(CollectorError::io("remove", &path)(error));
                }
            }
        }
        lock.remove();
        Ok(found)
    }

    /// Removes toolchains until no more than `bytes_max` are taken, the one first that was not used
    /// for longest, and before them what interrupted fetches have left. Says what was removed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn evict(&self, bytes_max: u64) -> Result<Vec<CachedToolchain>, CollectorError> {
        let toolchains = self.toolchains()?;
        let taken = toolchains
            .iter()
            .fold(0, |sum: u64, toolchain| sum.saturating_add(toolchain.bytes));
        let left_over = self.remove_left_overs(bytes_max.saturating_sub(taken))?;
        let candidates: Vec<Candidate> = toolchains
            .iter()
            .map(|toolchain| Candidate {
                bytes: toolchain.bytes,
                last_used: toolchain.last_used,
                in_use: toolchain.in_use,
            })
            .collect();
        let mut removed = Vec::new();
        for place in evictions(&candidates, bytes_max.saturating_sub(left_over)) {
            let toolchain = &toolchains[place];
            match self.remove(&toolchain.artifact, false) {
                Ok(_) => removed.push(toolchain.clone()),
                // Somebody has begun to use it meanwhile: next time, then.
                Err(CollectorError::ToolchainInUse { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }

    fn lock(
        &self,
        key: &EntryKey,
        hold: Hold,
        artifact: &ArtifactId,
        watch: &FetchWatch<'_>,
    ) -> Result<EntryLock, CollectorError> {
        let mut told = false;
        EntryLock::take(&self.folders.lock(key), hold, || {
            if !told {
                told = true;
                watch.tell(&format!("waiting for another collector with {artifact}"));
            }
            watch.pause(LOOK_EVERY, &artifact.to_string())
        })
    }

    /// A toolchain that is ready and answers as it should.
    fn ready(&self, key: &EntryKey, artifact: &ArtifactId) -> Option<Toolchain> {
        let entry = self.folders.ready(key);
        if !folders::record_in(&entry).is_file() {
            return None;
        }
        match self.asked(&folders::sysroot_in(&entry), artifact) {
            Ok(toolchain) => Some(toolchain),
            Err(error) => {
                eprintln!("note: a toolchain in the cache is fetched anew: {error}");
                None
            }
        }
    }

    /// The toolchain in a sysroot, if it says that it is what it should be.
    fn asked(&self, sysroot: &Path, artifact: &ArtifactId) -> Result<Toolchain, CollectorError> {
        let rustc = sysroot.join("bin/rustc");
        let toolchain = Toolchain::of_rustc(&rustc, &artifact.to_string(), &self.rustup)?;
        check_identity(&toolchain, artifact, &self.target)?;
        Ok(toolchain)
    }

    /// As [`ToolchainCache::asked`], for one that was just unpacked: where it does not answer, its
    /// archives are to blame.
    fn first_asked(
        &self,
        sysroot: &Path,
        artifact: &ArtifactId,
    ) -> Result<Toolchain, CollectorError> {
        self.asked(sysroot, artifact).map_err(|error| match error {
            CollectorError::Toolchain { reason, .. } => CollectorError::OtherCompiler {
                artifact: artifact.clone(),
                found: format!("one that does not answer: {reason}"),
            },
            error => error,
        })
    }

    /// Fetches a toolchain and puts it into its place. The caller holds its lock alone.
    fn bring(
        &self,
        key: &EntryKey,
        artifact: &ArtifactId,
        given: &BTreeMap<ComponentName, Sha256Sum>,
        watch: &FetchWatch<'_>,
    ) -> Result<(), CollectorError> {
        remove_folder(&self.folders.complete(key))?;
        remove_folder(&self.folders.removed(key))?;
        let checksums: Option<ChecksumRecord> = record::read(&self.folders.checksums(key))?;
        let mut sha256 = checksums.map(|record| record.sha256).unwrap_or_default();
        let wanted = Wanted {
            artifact,
            target: &self.target,
            recorded: &sha256,
            given,
        };
        let folders = self.folders.of_fetch(key);
        let brought = self
            .fetcher
            .fetch(wanted, &folders, watch)
            .and_then(|fetched| Ok((self.first_asked(&folders.sysroot, artifact)?, fetched)));
        let (toolchain, fetched) = match brought {
            Ok(brought) => brought,
            Err(error) => {
                self.drop_failed(key, &error)?;
                return Err(error);
            }
        };
        let archives = fetched.archives.iter();
        sha256.extend(archives.map(|archive| (archive.url.clone(), archive.sha256.clone())));
        let checksums = ChecksumRecord {
            format: FormatVersion::V1_0,
            artifact: artifact.clone(),
            sha256,
        };
        record::write(&self.folders.checksums(key), &checksums)?;
        self.put_into_place(key, artifact, &toolchain, fetched)
    }

    /// Keeps of a fetch that failed what the next one can go on with.
    fn drop_failed(&self, key: &EntryKey, error: &CollectorError) -> Result<(), CollectorError> {
        if error.is_about_artifact() {
            return remove_folder(&self.folders.fetching(key));
        }
        remove_folder(&self.folders.of_fetch(key).staging)?;
        remove_folder(&self.folders.complete(key))
    }

    fn put_into_place(
        &self,
        key: &EntryKey,
        artifact: &ArtifactId,
        toolchain: &Toolchain,
        fetched: FetchedBuild,
    ) -> Result<(), CollectorError> {
        let complete = self.folders.complete(key);
        let now = (self.clock)();
        let record = ToolchainRecord {
            format: FormatVersion::V1_0,
            artifact: artifact.clone(),
            target: self.target.clone(),
            title: toolchain.artifact.title.clone(),
            source: fetched.source,
            archives: fetched.archives,
            fetched_at: now,
            bytes: folders::bytes_below(&complete),
        };
        record::write(&folders::record_in(&complete), &record)?;
        record::write_time(&folders::last_use_in(&complete), now)?;
        folders::keep_names(&complete)?;
        self.remove_ready(key)?;
        let ready = self.folders.ready(key);
        std::fs::rename(&complete, &ready)
            .map_err(CollectorError::io("move into place", &ready))?;
        if let Some(folder) = ready.parent() {
            folders::keep_own_names(folder)?;
        }
        remove_folder(&self.folders.fetching(key))
    }

    /// Removes a ready toolchain, so that no half of it is ever in its place.
    fn remove_ready(&self, key: &EntryKey) -> Result<(), CollectorError> {
        let ready = self.folders.ready(key);
        if !ready.exists() {
            return Ok(());
        }
        let removed = self.folders.removed(key);
        remove_folder(&removed)?;
        let fetching = self.folders.fetching(key);
        std::fs::create_dir_all(&fetching)
            .map_err(CollectorError::io("create the folder", &fetching))?;
        std::fs::rename(&ready, &removed).map_err(CollectorError::io("move away", &ready))?;
        remove_folder(&removed)
    }

    /// Evicts others for a toolchain that was just brought. Its lock is held, so that it stays.
    fn keep_to_size(&self, brought: &EntryKey) {
        match self.evict(self.bytes_max) {
            Ok(removed) => {
                for CachedToolchain { artifact, .. } in removed {
                    eprintln!("note: the toolchain {artifact} has left the cache to make room");
                }
            }
            Err(error) => eprintln!(
                "note: no room could be made in the cache of toolchains for {}: {error}",
                self.folders.ready(brought).display()
            ),
        }
    }

    /// Removes what interrupted fetches have left: what is old, and the rest as far as more than
    /// `bytes_max` are taken. Says how many bytes stay.
    fn remove_left_overs(&self, bytes_max: u64) -> Result<u64, CollectorError> {
        let mut stays: u64 = 0;
        for key in self.folders.fetching_keys()? {
            let folder = self.folders.fetching(&key);
            let bytes = folders::bytes_below(&folder);
            let Some(lock) = EntryLock::try_take(&self.folders.lock(&key), Hold::Exclusive)? else {
                stays = stays.saturating_add(bytes);
                continue;
            };
            let is_old = self.age_of(&folder) > LEFT_OVER_KEPT;
            if is_old || stays.saturating_add(bytes) > bytes_max {
                remove_folder(&folder)?;
            } else {
                stays = stays.saturating_add(bytes);
            }
            if self.folders.ready(&key).exists() {
                drop(lock);
            } else {
                lock.remove();
            }
        }
        Ok(stays)
    }

    fn age_of(&self, folder: &Path) -> SignedDuration {
        let changed = std::fs::metadata(folder.join("downloads"))
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|time| Timestamp::try_from(time).ok());
        changed.map_or(SignedDuration::MAX, |changed| {
            (self.clock)().duration_since(changed)
        })
    }

    fn described(&self, key: &EntryKey) -> Result<Option<CachedToolchain>, CollectorError> {
        let entry = self.folders.ready(key);
        let path = folders::record_in(&entry);
        let Some(record) = record::read::<ToolchainRecord>(&path)? else {
            return Ok(None);
        };
        let lock = self.folders.lock(key);
        let in_use = EntryLock::try_take(&lock, Hold::Exclusive)?.is_none();
        let last_use = record::read_time(&folders::last_use_in(&entry));
        Ok(Some(CachedToolchain {
            artifact: record.artifact,
            target: record.target,
            title: record.title,
            sysroot: folders::sysroot_in(&entry),
            source: record.source,
            archives: record.archives,
            last_used: last_use.unwrap_or(record.fetched_at),
            fetched_at: record.fetched_at,
            bytes: record.bytes,
            in_use,
        }))
    }
}
