//! The raw self-profiles of a job: several megabytes each, so that they wait on the disk.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use shared_types::Scenario;
use shared_types::object_key::ContentHash;
use shared_types::self_profile::SelfProfile;

use super::problem::Stop;
use super::scenario_run::LeafRun;
use super::source_copy::empty_folder;
use crate::journal::{JobJournal, KeptProfile};
use crate::{CollectorError, self_profile};

/// How hard raw profiles are compressed.
const COMPRESSION_LEVEL: i32 = 3;

/// A raw self-profile that a job has recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawProfile {
    /// Its number within the attempt, from 0.
    pub number: u32,
    /// The file, compressed with zstd.
    pub path: PathBuf,
}

/// A folder for the raw self-profiles of one job.
#[derive(Debug)]
pub(super) struct RawProfiles {
    folder: PathBuf,
    /// The numbers of those that belong to the result, in the order in which they came.
    numbers: Mutex<Vec<u32>>,
    /// The number of the next.
    first: u32,
}

impl RawProfiles {
    /// In a folder that is emptied of what an earlier job left.
    pub(super) fn in_empty(folder: PathBuf) -> Result<Self, CollectorError> {
        empty_folder(&folder)?;
        Ok(Self {
            folder,
            numbers: Mutex::default(),
            first: 0,
        })
    }

    /// Beside what earlier attempts have finished of the job: numbers that they have given are not
    /// given again.
    pub(super) fn in_journal(journal: &JobJournal) -> Result<Self, CollectorError> {
        let folder = journal.profiles();
        std::fs::create_dir_all(&folder)
            .map_err(CollectorError::io("create the folder", &folder))?;
        let entries =
            std::fs::read_dir(&folder).map_err(CollectorError::io("list the folder", &folder))?;
        let given = entries.filter_map(|entry| {
            let name = entry.ok()?.file_name();
            name.to_str()?.split('.').next()?.parse::<u32>().ok()
        });
        let first = given.max().map_or(0, |last| last.saturating_add(1));
        Ok(Self {
            folder,
            numbers: Mutex::default(),
            first,
        })
    }

    /// Takes profiles of an earlier attempt for the result's own.
    pub(super) fn take(&self, numbers: impl Iterator<Item = u32>) {
        self.with_numbers(|own| own.extend(numbers));
    }

    /// How many belong to the result.
    pub(super) fn len(&self) -> usize {
        self.with_numbers(|own| own.len())
    }

    /// Those that came after the first `earlier`, as a journal keeps them.
    pub(super) fn kept_since(&self, earlier: usize) -> Result<Vec<KeptProfile>, CollectorError> {
        let numbers = self.with_numbers(|own| own[earlier.min(own.len())..].to_vec());
        let kept = numbers.into_iter().map(|number| {
            let path = self.path(number);
            let bytes = std::fs::read(&path).map_err(CollectorError::io("read", &path))?;
            Ok(KeptProfile {
                number,
                file: file_name(number),
                content: ContentHash::of(&bytes),
            })
        });
        kept.collect()
    }

    /// Compiles once more and records where the time goes; with the number of the raw profile.
    pub(super) fn record(
        &self,
        leaf: &LeafRun<'_>,
        scenario: &Scenario,
    ) -> Result<(SelfProfile, u32), Stop> {
        let raw =
            leaf.record_self_profile(scenario, &leaf.executor.scratch().join("self-profile"))?;
        let profile = self_profile::read(&raw)?;
        let number = self.with_numbers(|own| {
            let last = own
                .iter()
                .copied()
                .filter(|number| *number >= self.first)
                .max();
            last.map_or(self.first, |last| last.saturating_add(1))
        });
        compress(&raw, &self.path(number))?;
        self.with_numbers(|own| own.push(number));
        std::fs::remove_file(&raw).map_err(CollectorError::io("delete", &raw))?;
        Ok((profile, number))
    }

    /// What belongs to the result, in order.
    pub(super) fn into_kept(self) -> Vec<RawProfile> {
        let numbers = self.with_numbers(std::mem::take);
        let kept = numbers.into_iter().map(|number| RawProfile {
            number,
            path: self.path(number),
        });
        kept.collect()
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.join(file_name(number))
    }

    fn with_numbers<T>(&self, use_them: impl FnOnce(&mut Vec<u32>) -> T) -> T {
        use_them(&mut self.numbers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn file_name(number: u32) -> String {
    format!("{number}.{}.zst", self_profile::EXTENSION)
}

fn compress(from: &Path, to: &Path) -> Result<(), CollectorError> {
    let copy = || -> io::Result<()> {
        let file = File::create(to)?;
        zstd::stream::copy_encode(File::open(from)?, &file, COMPRESSION_LEVEL)?;
        file.sync_all()
    };
    copy().map_err(CollectorError::io("compress a self-profile into", to))
}
