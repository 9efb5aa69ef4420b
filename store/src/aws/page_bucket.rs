//! The bucket of the built page, from which a CDN or a function serves it.

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;

use super::service_error::unavailable;
use crate::StoreError;

/// The bucket of the built page.
#[derive(Debug, Clone)]
pub struct PageBucket {
    client: Client,
    bucket: String,
}

/// A file of the page, with what a browser is to be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedFile {
    /// Its path below the page's root: `index.html`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Cache-Control`.
    pub cache_control: &'static str,
}

/// A file that is in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its path below the page's root.
    pub path: String,
    /// When it was put there last.
    pub modified_at: Timestamp,
}

impl PageBucket {
    /// The bucket of this name. Nothing is asked of AWS yet.
    pub async fn open(bucket: &str) -> Self {
        Self::open_with(&super::load_configuration().await, bucket)
    }

    /// As [`Self::open`], with a configuration of the caller's.
    pub fn open_with(configuration: &SdkConfig, bucket: &str) -> Self {
        Self {
            client: super::s3_client(configuration),
            bucket: bucket.to_owned(),
        }
    }

    /// Puts a file, in place of what was there.
    ///
    /// # Errors
    /// When S3 does not answer or refuses.
    pub async fn put(&self, file: PublishedFile) -> Result<(), StoreError> {
        let action = format!("publishing {} to the bucket {}", file.path, self.bucket);
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(file.path)
            .content_type(file.content_type)
            .cache_control(file.cache_control)
            .body(ByteStream::from(file.bytes))
            .send()
            .await
            .map_err(|error| unavailable(action, &error))?;
        Ok(())
    }

    /// All files that are there.
    ///
    /// # Errors
    /// When S3 does not answer or refuses.
    pub async fn list(&self) -> Result<Vec<StoredFile>, StoreError> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .into_paginator()
            .send();
        let mut files = Vec::new();
        while let Some(page) = pages.next().await {
            let action = || format!("listing the bucket {}", self.bucket);
            let page = page.map_err(|error| unavailable(action(), &error))?;
            for object in page.contents() {
                let (Some(path), Some(modified)) = (object.key(), object.last_modified()) else {
                    continue;
                };
                files.push(StoredFile {
                    path: path.to_owned(),
                    modified_at: Timestamp::from_second(modified.secs()).unwrap_or_default(),
                });
            }
        }
        Ok(files)
    }

    /// Reads a file, or `None` where there is none.
    ///
    /// # Errors
    /// When S3 does not answer or refuses.
    pub async fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let action = format!("reading {path} of the bucket {}", self.bucket);
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(path)
            .send()
            .await;
        let object = match answer {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => {
                return Ok(None);
            }
            Err(error) => return Err(unavailable(action, &error)),
        };
        let bytes = object.body.collect().await;
        let bytes = bytes.map_err(|error| StoreError::Unavailable {
            action,
            reason: error.to_string(),
        })?;
        Ok(Some(bytes.to_vec()))
    }

    /// Removes a file.
    ///
    /// # Errors
    /// When S3 does not answer or refuses.
    pub async fn remove(&self, path: &str) -> Result<(), StoreError> {
        let action = format!("removing {path} of the bucket {}", self.bucket);
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(path)
            .send()
            .await
            .map_err(|error| unavailable(action, &error))?;
        Ok(())
    }
}
