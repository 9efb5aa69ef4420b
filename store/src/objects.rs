//! The port to objects.

use async_trait::async_trait;
use shared_types::ObjectKey;

use crate::StoreError;

/// Objects under keys. Storing a result puts a storage event into the ingest queue, as S3 does.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Stores an object under a key that was never used. Bytes are durable when this returns.
    ///
    /// # Errors
    /// When the store fails. A key that is taken is not an error but an outcome.
    async fn put_once(&self, key: &ObjectKey, bytes: &[u8]) -> Result<PutOutcome, StoreError>;

    /// Stores many objects under keys that were never used, for imports: faster than one at a time.
    /// A store that can do without storage events sends none, since an import indexes what it
    /// stores. Returns the outcome of each, in order. Bytes are durable when this returns; after an
    /// error some may be stored.
    ///
    /// # Errors
    /// When the store fails.
    async fn put_many_once(
        &self,
        objects: Vec<(ObjectKey, Vec<u8>)>,
    ) -> Result<Vec<PutOutcome>, StoreError>;

    /// Replaces an object if it still has the tag `expected` (`None`: if it is not there yet).
    /// Returns the new tag, or `None` when another writer was faster.
    ///
    /// # Errors
    /// When the store fails.
    async fn replace(
        &self,
        key: &ObjectKey,
        expected: Option<&ETag>,
        bytes: &[u8],
    ) -> Result<Option<ETag>, StoreError>;

    /// Reads an object and its tag, or `None` where there is none.
    ///
    /// # Errors
    /// When the store fails.
    async fn get(&self, key: &ObjectKey) -> Result<Option<(Vec<u8>, ETag)>, StoreError>;

    /// Lists keys that begin with `prefix`, in order, from after `after`.
    ///
    /// # Errors
    /// When the store fails.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError>;
}

/// What came of a write-once put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutOutcome {
    /// The object is stored.
    Stored,
    /// The key was taken; what it holds is unchanged.
    AlreadyThere,
}

/// Names the content of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag(pub String);

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectPage {
    /// The keys, as stored; they may be keys that no version of this program made.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}
