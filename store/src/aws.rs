//! AWS: queues in SQS, objects in S3, the index in DynamoDB.
//!
//! Where AWS is, and as whom it is spoken to, is the SDK's own business: region, credentials, and
//! `AWS_ENDPOINT_URL`, which alone decides whether an emulator answers. Everything here is named
//! after the environment, by the names that `infra/` gives.

mod advice;
mod dead_letters;
mod index;
#[cfg(feature = "aws-local")]
pub mod local_account;
mod names;
mod objects;
mod page_bucket;
mod queue;
mod secrets;
mod service_error;

use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::config::SharedHttpClient;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_smithy_http_client::tls;

use crate::{CollectorPorts, Store};
use index::DynamoIndex;
use objects::S3Objects;
use queue::SqsQueue;

pub use names::{AwsPlace, Environment};
pub use page_bucket::{PageBucket, PublishedFile, StoredFile};
pub use secrets::read_secret;

/// How often a call is tried: a service that throttles or fails for seconds is waited for, and one
/// that is down for longer is told of.
const ATTEMPTS: u32 = 5;
/// The longest wait between two attempts.
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// The longest that one attempt may take. Longer than SQS lets a receiver wait.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(40);

/// Opens all ports of a place. Nothing is asked of AWS yet.
pub async fn open(place: &AwsPlace) -> Store {
    open_with(&load_configuration().await, place)
}

/// As [`open`], with region, credentials and endpoint of the caller's. The limits of calls are
/// those of every program all the same.
pub fn open_with(configuration: &SdkConfig, place: &AwsPlace) -> Store {
    let configuration = with_limits(configuration);
    let queue = Arc::new(SqsQueue::new(&configuration, place));
    Store {
        index: Arc::new(DynamoIndex::new(&configuration, place)),
        dead_letters: Arc::clone(&queue) as _,
        queue,
        objects: Arc::new(S3Objects::new(&configuration, place)),
    }
}

/// Opens what a collector needs of a place, and never its index.
pub async fn open_collector_ports(place: &AwsPlace) -> CollectorPorts {
    let configuration = load_configuration().await;
    CollectorPorts {
        queue: Arc::new(SqsQueue::new(&configuration, place)),
        objects: Arc::new(S3Objects::new(&configuration, place)),
    }
}

fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https()
}

async fn load_configuration() -> SdkConfig {
    let configuration = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .load()
        .await;
    with_limits(&configuration)
}

fn with_limits(configuration: &SdkConfig) -> SdkConfig {
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_max_backoff(BACKOFF_MAX);
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    configuration
        .to_builder()
        .retry_config(retries)
        .timeout_config(timeouts)
        .build()
}

fn s3_client(configuration: &SdkConfig) -> aws_sdk_s3::Client {
    // A bucket's name is part of the host's at AWS alone.
    let is_elsewhere = configuration.endpoint_url().is_some();
    let configuration = aws_sdk_s3::config::Builder::from(configuration)
        .force_path_style(is_elsewhere)
        .build();
    aws_sdk_s3::Client::from_conf(configuration)
}
