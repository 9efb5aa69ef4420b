//! The raw self-profiles of a job: several megabytes each, so that they wait on the disk.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use shared_types::Scenario;
use shared_types::self_profile::SelfProfile;

use super::problem::Stop;
use super::scenario_run::LeafRun;
use super::source_copy::empty_folder;
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
    recorded: AtomicU32,
}

impl RawProfiles {
    /// In a folder that is emptied of what an earlier job left.
    pub(super) fn in_empty(folder: PathBuf) -> Result<Self, CollectorError> {
        empty_folder(&folder)?;
        Ok(Self {
            folder,
            recorded: AtomicU32::new(0),
        })
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
        let number = self.recorded.load(Ordering::Relaxed);
        compress(&raw, &self.path(number))?;
        self.recorded.store(number + 1, Ordering::Relaxed);
        std::fs::remove_file(&raw).map_err(CollectorError::io("delete", &raw))?;
        Ok((profile, number))
    }

    /// What was recorded, in order.
    pub(super) fn into_kept(self) -> Vec<RawProfile> {
        let numbers = 0..self.recorded.load(Ordering::Relaxed);
        let kept = numbers.map(|number| RawProfile {
            number,
            path: self.path(number),
        });
        kept.collect()
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder
            .join(format!("{number}.{}.zst", self_profile::EXTENSION))
    }
}

fn compress(from: &Path, to: &Path) -> Result<(), CollectorError> {
    let copy = || -> io::Result<()> {
        zstd::stream::copy_encode(File::open(from)?, File::create(to)?, COMPRESSION_LEVEL)
    };
    copy().map_err(CollectorError::io("compress a self-profile into", to))
}
