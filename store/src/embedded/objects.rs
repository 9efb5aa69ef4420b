//! Objects as files in a folder, under their keys.
//!
//! A file is written elsewhere, made durable, and only then given its name, so that no reader ever
//! sees half of one. Names of this adapter's own, which no key has, begin with a dot.

mod durable_file;
mod listing;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use shared_types::ObjectKey;
use shared_types::events::object_created;
use shared_types::object_key::ContentHash;

use super::data_folder::io_failure;
use crate::{ETag, ObjectPage, Objects, PutOutcome, Queue, QueueName, StoreError};
use durable_file::{DurableFolder, IncomingFile};

/// All objects, in one folder.
pub(super) struct FolderObjects {
    folder: Arc<DurableFolder>,
    queue: Arc<dyn Queue>,
}

impl FolderObjects {
    /// Opens the folder, and makes it where there is none. Storage events go to `queue`.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(super) fn open(root: &Path, queue: Arc<dyn Queue>) -> Result<Self, StoreError> {
        Ok(Self {
            folder: Arc::new(DurableFolder::open(root)?),
            queue,
        })
    }

    /// Does blocking work on the folder apart from the runtime.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&DurableFolder) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = Arc::clone(&self.folder);
        tokio::task::spawn_blocking(move || work(&folder))
            .await
            .map_err(|error| StoreError::Unavailable {
                action: "working on the folder of objects".to_owned(),
                reason: error.to_string(),
            })?
    }

    /// Tells ingest of a result. A put that is repeated after its process was killed tells again,
    /// and ingest changes nothing the second time.
    async fn announce(&self, key: &ObjectKey) {
        if !matches!(key, ObjectKey::Result { .. }) {
            return;
        }
        if let Err(error) = self
            .queue
            .send(&QueueName::Ingest, &object_created(key))
            .await
        {
            // The object is durable, so the put has succeeded all the same.
            tracing::warn!(%key, %error, "a storage event was lost; reconciliation will find it");
        }
    }
}

#[async_trait]
impl Objects for FolderObjects {
    async fn put_once(&self, key: &ObjectKey, bytes: &[u8]) -> Result<PutOutcome, StoreError> {
        let (name, content) = (key.to_string(), bytes.to_vec());
        let outcome = self
            .blocking(move |folder| {
                let outcomes = folder.put_many_once(&[(name, content)])?;
                Ok(outcomes.into_iter().next())
            })
            .await?
            .unwrap_or(PutOutcome::AlreadyThere);
        self.announce(key).await;
        Ok(outcome)
    }

    async fn put_many_once(
        &self,
        objects: Vec<(ObjectKey, Vec<u8>)>,
    ) -> Result<Vec<PutOutcome>, StoreError> {
        self.blocking(move |folder| {
            let named: Vec<(String, Vec<u8>)> = objects
                .into_iter()
                .map(|(key, bytes)| (key.to_string(), bytes))
                .collect();
            folder.put_many_once(&named)
        })
        .await
    }

    async fn replace(
        &self,
        key: &ObjectKey,
        expected: Option<&ETag>,
        bytes: &[u8],
    ) -> Result<Option<ETag>, StoreError> {
        let (name, expected, content) = (key.to_string(), expected.cloned(), bytes.to_vec());
        self.blocking(move |folder| replace(folder, &name, expected.as_ref(), &content))
            .await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<(Vec<u8>, ETag)>, StoreError> {
        let name = key.to_string();
        self.blocking(move |folder| read(&folder.path(&name))).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        self.blocking(move |folder| {
            listing::list(folder.root(), &prefix, after.as_deref(), limit.max(1))
        })
        .await
    }
}

fn read(path: &PathBuf) -> Result<Option<(Vec<u8>, ETag)>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => {
            let tag = tag_of(&bytes);
            Ok(Some((bytes, tag)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_failure(&error, "reading", path)),
    }
}

fn tag_of(bytes: &[u8]) -> ETag {
    ETag(ContentHash::of(bytes).to_string())
}

/// Compares and swaps under a lock that all processes share.
fn replace(
    folder: &DurableFolder,
    name: &str,
    expected: Option<&ETag>,
    bytes: &[u8],
) -> Result<Option<ETag>, StoreError> {
    let lock_path = folder.path(".replace-lock");
    let lock =
        File::create(&lock_path).map_err(|error| io_failure(&error, "making", &lock_path))?;
    // Let go when the file is closed, also when the process is killed.
    lock.lock()
        .map_err(|error| io_failure(&error, "locking", &lock_path))?;
    let path = folder.path(name);
    let found = read(&path)?.map(|(_, tag)| tag);
    if found.as_ref() != expected {
        return Ok(None);
    }
    let parents = folder.make_parents(&path)?;
    let incoming = IncomingFile::write(folder, bytes)?;
    incoming.sync()?;
    fs::rename(incoming.path(), &path).map_err(|error| io_failure(&error, "replacing", &path))?;
    folder.sync_folders(&parents)?;
    Ok(Some(tag_of(bytes)))
}
