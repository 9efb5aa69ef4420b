//! What a collector has finished of the jobs that it has begun, on its own disk. A collector that is
//! ended in the middle of a job measures only the rest when the job comes again.
//!
//! The journal knows nothing of how a unit is measured: a unit is a text that names it, the conditions
//! under which it was measured, and what came of it.

mod conditions;
mod finished_unit;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use shared_types::JobId;
use shared_types::object_key::ContentHash;

use crate::{CollectorError, durable_file};

pub use conditions::Conditions;
pub use finished_unit::{FinishedUnit, KeptProfile};

/// How long a journal is kept that nothing is added to. A job that comes again later is measured from
/// the beginning.
pub const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The largest file of one unit that is read, in bytes.
const UNIT_BYTES_MAX: u64 = 64 << 20;

/// The extension of a unit's file.
const EXTENSION: &str = "unit";

/// The journals of all jobs, each in a folder of its own.
#[derive(Debug, Clone)]
pub struct Journals {
    root: PathBuf,
}

/// What is finished of one job.
#[derive(Debug, Clone)]
pub struct JobJournal {
    folder: PathBuf,
}

/// What a journal has of a unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// All of it, measured under the same conditions.
    Finished(Box<FinishedUnit>),
    /// Something that is not to be used, and why, as words that follow "since".
    Unusable(String),
}

impl Journals {
    /// The journals in a folder, which need not be there.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The journal of a job.
    pub fn of_job(&self, job: JobId) -> JobJournal {
        JobJournal {
            folder: self.root.join(job.to_string()),
        }
    }

    /// Forgets a job of which nothing is left to do.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn forget(&self, job: JobId) -> Result<(), CollectorError> {
        let folder = self.of_job(job).folder;
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(CollectorError::io("delete the journal", &folder)),
        }
    }

    /// Deletes journals that nothing was added to for [`KEPT_FOR`]. Returns how many.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn expire(&self, now: SystemTime) -> Result<usize, CollectorError> {
        let mut expired = 0;
        for folder in folders_in(&self.root)? {
            let touched = std::fs::metadata(&folder).and_then(|folder| folder.modified());
            let age = touched.ok().and_then(|at| now.duration_since(at).ok());
            if age.is_some_and(|age| age > KEPT_FOR) {
                std::fs::remove_dir_all(&folder)
                    .map_err(CollectorError::io("delete the journal", &folder))?;
                expired += 1;
            }
        }
        Ok(expired)
    }
}

impl JobJournal {
    /// Keeps what came of a unit. It survives a crash of the machine once this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, unit: &FinishedUnit) -> Result<(), CollectorError> {
        let path = self.file_of(&unit.unit);
        let written = unit
            .to_bytes()
            .and_then(|bytes| durable_file::write(&path, &bytes));
        written.map_err(CollectorError::io("write into the journal", &path))
    }

    /// What is finished of a unit, to be measured under `now`. What cannot be used is deleted.
    pub fn find(&self, unit: &str, now: &Conditions) -> Found {
        let path = self.file_of(unit);
        let found = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Found::Nothing,
            Err(error) => Err(error.to_string()),
            Ok(file) if file.len() > UNIT_BYTES_MAX => {
                Err(format!("its file has {} bytes", file.len()))
            }
            Ok(_) => std::fs::read(&path)
                .map_err(|error| error.to_string())
                .and_then(|bytes| self.understood(&bytes, unit, now)),
        };
        match found {
            Ok(finished) => Found::Finished(Box::new(finished)),
            Err(reason) => {
                // It is written anew when the unit is finished; until then it would only mislead.
                let _ = std::fs::remove_file(&path);
                Found::Unusable(reason)
            }
        }
    }

    /// The folder for what is too large for a unit's file.
    pub fn profiles(&self) -> PathBuf {
        self.folder.join("self-profiles")
    }

    fn understood(
        &self,
        bytes: &[u8],
        unit: &str,
        now: &Conditions,
    ) -> Result<FinishedUnit, String> {
        let finished = FinishedUnit::from_bytes(bytes).map_err(|error| error.to_string())?;
        if finished.unit != unit {
            return Err("its file is of another unit".to_owned());
        }
        if let Some(difference) = finished.conditions.difference(now) {
            return Err(difference);
        }
        for profile in &finished.profiles {
            let path = self.profiles().join(&profile.file);
            let read = std::fs::read(&path).map_err(|error| error.to_string())?;
            if ContentHash::of(&read) != profile.content {
                return Err(format!("its self-profile {} is damaged", profile.file));
            }
        }
        Ok(finished)
    }

    fn file_of(&self, unit: &str) -> PathBuf {
        let hash = ContentHash::of(unit.as_bytes());
        self.folder.join(hash.as_str()).with_extension(EXTENSION)
    }
}

fn folders_in(root: &std::path::Path) -> Result<Vec<PathBuf>, CollectorError> {
    let entries = match std::fs::read_dir(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(CollectorError::io("list the folder", root))?,
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.is_dir()).collect())
}

#[cfg(test)]
mod tests {
    use shared_types::ids::Attempt;

    use super::finished_unit::tests::finished;
    use super::*;

    fn job() -> JobId {
        JobId::from_parts(1_790_000_000_000, &[1; 10])
    }

    fn conditions(kernel: &str) -> Conditions {
        [("kernel", kernel), ("collector", "1")]
            .into_iter()
            .collect()
    }

    struct Place {
        folder: tempfile::TempDir,
        journals: Journals,
    }

    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let journals = Journals::new(folder.path().join("journal"));
        Place { folder, journals }
    }

    #[test]
    fn what_was_finished_is_found_by_the_next_process_until_it_is_forgotten() {
        let Place { folder, journals } = place();
        let unit = finished("syn/check", conditions("6.1"));
        journals.of_job(job()).keep(&unit).unwrap();
        let next = Journals::new(folder.path().join("journal"));
        let journal = next.of_job(job());
        assert_eq!(
            journal.find(&unit.unit, &conditions("6.1")),
            Found::Finished(Box::new(unit.clone()))
        );
        assert_eq!(journal.find("syn/opt", &conditions("6.1")), Found::Nothing);
        next.forget(job()).unwrap();
        next.forget(job()).unwrap();
        assert_eq!(journal.find(&unit.unit, &conditions("6.1")), Found::Nothing);
    }

    #[test]
    fn what_was_measured_under_other_conditions_is_refused_by_name_and_not_offered_again() {
        let Place {
            folder: _folder,
            journals,
        } = place();
        let journal = journals.of_job(job());
        let unit = finished("syn/check", conditions("6.1"));
        journal.keep(&unit).unwrap();
        let Found::Unusable(reason) = journal.find(&unit.unit, &conditions("6.8")) else {
            panic!("another kernel must not be mixed in");
        };
        assert_eq!(reason, "kernel was `6.1` and is `6.8`");
        assert_eq!(journal.find(&unit.unit, &conditions("6.1")), Found::Nothing);
    }

    #[test]
    fn a_torn_file_spoils_its_own_unit_alone() {
        let Place {
            folder: _folder,
            journals,
        } = place();
        let journal = journals.of_job(job());
        let (torn, whole) = (
            finished("syn/check", conditions("6.1")),
            finished("syn/opt", conditions("6.1")),
        );
        journal.keep(&torn).unwrap();
        journal.keep(&whole).unwrap();
        let path = journal.file_of(&torn.unit);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(
            journal.find(&torn.unit, &conditions("6.1")),
            Found::Unusable(_)
        ));
        assert!(matches!(
            journal.find(&whole.unit, &conditions("6.1")),
            Found::Finished(_)
        ));
    }

    #[test]
    fn a_unit_without_its_self_profile_is_not_finished() {
        let Place {
            folder: _folder,
            journals,
        } = place();
        let journal = journals.of_job(job());
        let mut unit = finished("syn/check", conditions("6.1"));
        unit.profiles = vec![KeptProfile {
            number: 0,
            file: "0.mm_profdata.zst".to_owned(),
            content: ContentHash::of(b"profile"),
        }];
        let path = journal.profiles().join("0.mm_profdata.zst");
        durable_file::write(&path, b"profile").unwrap();
        journal.keep(&unit).unwrap();
        assert!(matches!(
            journal.find(&unit.unit, &conditions("6.1")),
            Found::Finished(_)
        ));
        std::fs::write(&path, b"profil").unwrap();
        assert!(matches!(
            journal.find(&unit.unit, &conditions("6.1")),
            Found::Unusable(reason) if reason.contains("damaged")
        ));
    }

    #[test]
    fn a_journal_expires_when_nothing_was_added_for_long() {
        let Place {
            folder: _folder,
            journals,
        } = place();
        let mut unit = finished("syn/check", conditions("6.1"));
        unit.attempt = Attempt(3);
        journals.of_job(job()).keep(&unit).unwrap();
        let now = SystemTime::now();
        assert_eq!(journals.expire(now).unwrap(), 0);
        assert_eq!(journals.expire(now + KEPT_FOR * 2).unwrap(), 1);
        assert_eq!(
            journals.of_job(job()).find(&unit.unit, &conditions("6.1")),
            Found::Nothing
        );
    }
}
