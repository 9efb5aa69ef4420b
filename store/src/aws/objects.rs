//! Objects in S3.

mod headers;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::{PutObjectError, PutObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use shared_types::ObjectKey;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::names::AwsPlace;
use super::service_error::unavailable;
use crate::{ETag, ObjectPage, Objects, PutOutcome, StoreError};

/// How many objects of an import are on their way at once.
const PUTS_AT_ONCE: usize = 16;

/// The most keys that S3 lists in one call.
const LIST_MAX: usize = 1000;

/// How often a put is tried that met another writer of the same key, and a read whose answer was
/// cut short: the SDK tries neither again.
const ATTEMPTS: u32 = 5;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// All objects of a place, in one bucket. S3 itself tells ingest of a result, once for each that is
/// stored and never for one whose key was taken.
#[derive(Clone)]
pub(super) struct S3Objects {
    client: Client,
    bucket: String,
    environment: String,
}

/// On which condition an object is written.
enum Condition<'tag> {
    NotThere,
    Tag(&'tag str),
}

impl S3Objects {
    pub(super) fn new(configuration: &SdkConfig, place: &AwsPlace) -> Self {
        Self {
            client: super::s3_client(configuration),
            bucket: place.bucket.clone(),
            environment: place.environment.to_string(),
        }
    }

    /// Writes if the condition holds, else returns `None`.
    async fn put_if(
        &self,
        key: &ObjectKey,
        condition: &Condition<'_>,
        bytes: &[u8],
    ) -> Result<Option<PutObjectOutput>, StoreError> {
        let mut attempt = 1;
        loop {
            let error = match self.put(key, condition, bytes).await {
                Ok(stored) => return Ok(Some(stored)),
                Err(error) => error,
            };
            match (status(&error), condition) {
                (Some(412), _) | (Some(404 | 409), Condition::Tag(_))
                    if error.code() != Some("NoSuchBucket") =>
                {
                    return Ok(None);
                }
                // Another writer of the key is not done yet: who wins is not decided.
                (Some(409), Condition::NotThere) if attempt < ATTEMPTS => {
                    tokio::time::sleep(PAUSE * attempt).await;
                    attempt += 1;
                }
                _ => return Err(self.failure(format!("storing {key}"), &error)),
            }
        }
    }

    async fn put(
        &self,
        key: &ObjectKey,
        condition: &Condition<'_>,
        bytes: &[u8],
    ) -> Result<PutObjectOutput, SdkError<PutObjectError>> {
        let told = headers::of(key);
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .content_type(told.content_type)
            .set_content_encoding(told.content_encoding.map(str::to_owned))
            .cache_control(told.cache_control)
            .body(ByteStream::from(bytes.to_vec()));
        let request = match condition {
            Condition::NotThere => request.if_none_match("*"),
            Condition::Tag(tag) => request.if_match(*tag),
        };
        request.send().await
    }

    fn failure<E>(&self, action: String, error: &SdkError<E>) -> StoreError
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        if error.code() == Some("NoSuchBucket") {
            return StoreError::Conflict {
                what: "the bucket",
                id: self.bucket.clone(),
                reason: format!(
                    "does not exist: `terraform output data_bucket` in \
                     infra/environments/{} tells the name of the right one",
                    self.environment
                ),
            };
        }
        unavailable(action, error)
    }
}

#[async_trait]
impl Objects for S3Objects {
    /// A put whose answer was lost is repeated, and then finds its own bytes: the key is taken, as it
    /// is after a put that was repeated by its caller.
    async fn put_once(&self, key: &ObjectKey, bytes: &[u8]) -> Result<PutOutcome, StoreError> {
        let stored = self.put_if(key, &Condition::NotThere, bytes).await?;
        Ok(match stored {
            Some(_) => PutOutcome::Stored,
            None => PutOutcome::AlreadyThere,
        })
    }

    async fn put_many_once(
        &self,
        objects: Vec<(ObjectKey, Vec<u8>)>,
    ) -> Result<Vec<PutOutcome>, StoreError> {
        let mut outcomes = vec![PutOutcome::AlreadyThere; objects.len()];
        let turns = Arc::new(Semaphore::new(PUTS_AT_ONCE));
        let mut puts = JoinSet::new();
        for (place, (key, bytes)) in objects.into_iter().enumerate() {
            let (bucket, turns) = (self.clone(), Arc::clone(&turns));
            puts.spawn(async move {
                let _turn = turns.acquire_owned().await;
                (place, bucket.put_once(&key, &bytes).await)
            });
        }
        while let Some(done) = puts.join_next().await {
            let (place, outcome) = done.map_err(|error| StoreError::Unavailable {
                action: "storing many objects".to_owned(),
                reason: error.to_string(),
            })?;
            outcomes[place] = outcome?;
        }
        Ok(outcomes)
    }

    async fn replace(
        &self,
        key: &ObjectKey,
        expected: Option<&ETag>,
        bytes: &[u8],
    ) -> Result<Option<ETag>, StoreError> {
        let condition = match expected {
            Some(tag) => Condition::Tag(&tag.0),
            None => Condition::NotThere,
        };
        let stored = self.put_if(key, &condition, bytes).await?;
        Ok(stored.and_then(|stored| stored.e_tag).map(ETag))
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<(Vec<u8>, ETag)>, StoreError> {
        let action = || format!("reading {key}");
        let mut attempt = 1;
        loop {
            let answer = self
                .client
                .get_object()
                .bucket(&self.bucket)
                .key(key.to_string())
                .send()
                .await;
            let object = match answer {
                Ok(object) => object,
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
                Err(error) => return Err(self.failure(action(), &error)),
            };
            let tag = ETag(object.e_tag.unwrap_or_default());
            match object.body.collect().await {
                Ok(bytes) => return Ok(Some((bytes.to_vec(), tag))),
                Err(error) if attempt == ATTEMPTS => {
                    return Err(StoreError::Unavailable {
                        action: action(),
                        reason: format!("its bytes were cut short {ATTEMPTS} times: {error}"),
                    });
                }
                Err(_) => {}
            }
            tokio::time::sleep(PAUSE * attempt).await;
            attempt += 1;
        }
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        let limit = limit.max(1);
        let mut page = ObjectPage {
            keys: Vec::new(),
            next: after.map(str::to_owned),
        };
        loop {
            let wanted = (limit - page.keys.len()).min(LIST_MAX);
            let answer = self
                .client
                .list_objects_v2()
                .bucket(&self.bucket)
                .prefix(prefix)
                .set_start_after(page.next.take())
                .max_keys(wanted as i32)
                .send()
                .await
                .map_err(|error| self.failure(format!("listing {prefix}"), &error))?;
            let goes_on = answer.is_truncated() == Some(true);
            let objects = answer.contents.unwrap_or_default();
            page.keys
                .extend(objects.into_iter().filter_map(|one| one.key));
            page.next = page.keys.last().filter(|_| goes_on).cloned();
            if page.next.is_none() || page.keys.len() >= limit {
                return Ok(page);
            }
        }
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}
