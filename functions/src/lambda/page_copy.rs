//! A copy of the built page on the disk of a function, from its bucket, for fleets without a CDN.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use store::aws::PageBucket;
use tokio::sync::Mutex;

use crate::FunctionsError;

/// How long the copy is taken for that of today.
const FRESH: Duration = Duration::from_secs(60);

/// The copy.
pub(super) struct PageCopy {
    bucket: PageBucket,
    folder: PathBuf,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    looked_at: Option<Instant>,
    files: BTreeMap<String, Timestamp>,
}

impl PageCopy {
    /// A copy in `folder`, empty as yet.
    pub(super) fn new(bucket: PageBucket, folder: PathBuf) -> Self {
        Self {
            bucket,
            folder,
            known: Mutex::default(),
        }
    }

    /// Fetches what has changed, unless that was done within the last minute.
    ///
    /// # Errors
    /// When the bucket cannot be read or the disk not be written.
    pub(super) async fn refresh(&self) -> Result<(), FunctionsError> {
        let mut known = self.known.lock().await;
        if known.looked_at.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        for file in self.bucket.list().await? {
            let path = Path::new(&file.path);
            let is_inside = path
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            if !is_inside || known.files.get(&file.path) == Some(&file.modified_at) {
                continue;
            }
            if let Some(bytes) = self.bucket.get(&file.path).await? {
                write(&self.folder.join(path), &bytes)?;
                known.files.insert(file.path, file.modified_at);
            }
        }
        known.looked_at = Some(Instant::now());
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FunctionsError> {
    let failed = || FunctionsError::io(format!("keeping the page's file {}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed())?;
    }
    std::fs::write(path, bytes).map_err(failed())
}
