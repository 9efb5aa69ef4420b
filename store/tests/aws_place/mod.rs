//! A place in a local AWS, of a test's own: what `infra/` makes, as far as the store knows of it.

#![allow(
    dead_code,
    reason = "each test program uses the part of it that it needs"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
    QueueConfiguration, S3KeyFilter,
};
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_http_client::tls;
use localstack::LocalAws;
use shared_types::job::DELIVERIES_PER_RELEASE;
use store::Store;
use store::aws::AwsPlace;

/// The configurations whose queues a place has: those of the conformance suite.
pub(crate) const CONFIGURATIONS: [&str; 2] = ["x86_64-llvm-t1", "another"];

const REGION: &str = "us-east-1";

/// A place, which lasts as long as its local AWS.
pub(crate) struct TestPlace {
    /// Its names.
    pub(crate) place: AwsPlace,
    /// How it is spoken to.
    pub(crate) configuration: SdkConfig,
    /// Its account: 12 digits, which are the access key, too.
    pub(crate) account: String,
    _aws: Option<Arc<LocalAws>>,
}

impl TestPlace {
    /// Makes a place in an account of its own, in the AWS that `AWS_ENDPOINT_URL` names, else in a
    /// local one that all tests of this process share.
    pub(crate) async fn make() -> Self {
        match std::env::var("AWS_ENDPOINT_URL") {
            Ok(endpoint) if !endpoint.is_empty() => Self::make_at(endpoint, None).await,
            _ => Self::make_local(shared_aws()).await,
        }
    }

    /// Makes a place in an account of its own, in a local AWS.
    pub(crate) async fn make_local(aws: Arc<LocalAws>) -> Self {
        Self::make_at(aws.endpoint().to_owned(), Some(aws)).await
    }

    async fn make_at(endpoint: String, aws: Option<Arc<LocalAws>>) -> Self {
        let account = format!("{:012}", getrandom::u64().unwrap() % 1_000_000_000_000);
        let place = Self {
            place: AwsPlace {
                environment: format!("t{account}").parse().unwrap(),
                bucket: format!("perfleet-t{account}-results-1"),
            },
            configuration: configuration(&endpoint, &account).await,
            account,
            _aws: aws,
        };
        place.make_queues().await;
        place.make_table().await;
        place.make_bucket().await;
        place
    }

    /// Opens its ports.
    pub(crate) fn open(&self) -> Store {
        store::aws::open_with(&self.configuration, &self.place)
    }

    /// Opens its ports behind another address, such as that of a proxy.
    pub(crate) async fn open_at(&self, endpoint: &str) -> Store {
        let configuration = configuration(endpoint, &self.account).await;
        store::aws::open_with(&configuration, &self.place)
    }

    async fn make_queues(&self) {
        let environment = &self.place.environment;
        let of_jobs = CONFIGURATIONS.map(|configuration| {
            (
                format!("perfleet-{environment}-{configuration}"),
                format!("perfleet-{environment}--dead-{configuration}"),
            )
        });
        let of_functions = ["events", "ingest", "compare", "github"].map(|function| {
            let name = format!("perfleet-{environment}--{function}");
            (name.clone(), format!("{name}-dead-letters"))
        });
        for (name, dead_letters) in of_jobs.into_iter().chain(of_functions) {
            self.make_queue(&name, &dead_letters).await;
        }
    }

    async fn make_queue(&self, name: &str, dead_letters: &str) {
        let sqs = aws_sdk_sqs::Client::new(&self.configuration);
        sqs.create_queue()
            .queue_name(dead_letters)
            .send()
            .await
            .unwrap();
        let redrive = format!(
            r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{DELIVERIES_PER_RELEASE}}}"#,
            self.queue_arn(dead_letters)
        );
        sqs.create_queue()
            .queue_name(name)
            .set_attributes(Some(HashMap::from([
                (QueueAttributeName::RedrivePolicy, redrive),
                (QueueAttributeName::VisibilityTimeout, "300".to_owned()),
            ])))
            .send()
            .await
            .unwrap();
    }

    async fn make_table(&self) {
        let dynamodb = aws_sdk_dynamodb::Client::new(&self.configuration);
        let name = format!("perfleet-{}-index", self.place.environment);
        let mut table = dynamodb
            .create_table()
            .table_name(&name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key("pk", KeyType::Hash))
            .key_schema(key("sk", KeyType::Range))
            .global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name("by-order")
                    .key_schema(key("gsi_pk", KeyType::Hash))
                    .key_schema(key("gsi_sk", KeyType::Range))
                    .projection(
                        Projection::builder()
                            .projection_type(ProjectionType::All)
                            .build(),
                    )
                    .build()
                    .unwrap(),
            );
        for attribute in ["pk", "sk", "gsi_pk", "gsi_sk"] {
            table = table.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(attribute)
                    .attribute_type(ScalarAttributeType::S)
                    .build()
                    .unwrap(),
            );
        }
        table.send().await.unwrap();
        let expiry = TimeToLiveSpecification::builder()
            .attribute_name("expires_at")
            .enabled(true)
            .build()
            .unwrap();
        let set = dynamodb
            .update_time_to_live()
            .table_name(&name)
            .time_to_live_specification(expiry);
        set.send().await.unwrap();
    }

    async fn make_bucket(&self) {
        let s3 = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&self.configuration)
                .force_path_style(true)
                .build(),
        );
        let bucket = &self.place.bucket;
        s3.create_bucket().bucket(bucket).send().await.unwrap();
        let ingest = format!("perfleet-{}--ingest", self.place.environment);
        let prefix = FilterRule::builder()
            .name(FilterRuleName::Prefix)
            .value("results/")
            .build();
        let filter = NotificationConfigurationFilter::builder()
            .key(S3KeyFilter::builder().filter_rules(prefix).build())
            .build();
        let notification = QueueConfiguration::builder()
            .queue_arn(self.queue_arn(&ingest))
            .events(Event::from("s3:ObjectCreated:*"))
            .filter(filter)
            .build()
            .unwrap();
        s3.put_bucket_notification_configuration()
            .bucket(bucket)
            .notification_configuration(
                NotificationConfiguration::builder()
                    .queue_configurations(notification)
                    .build(),
            )
            .send()
            .await
            .unwrap();
        self.take_away_the_test_event(&ingest).await;
    }

    /// S3 tries a queue with a message of its own.
    async fn take_away_the_test_event(&self, ingest: &str) {
        let sqs = aws_sdk_sqs::Client::new(&self.configuration);
        let queue = sqs.get_queue_url().queue_name(ingest).send().await.unwrap();
        let url = queue.queue_url().unwrap();
        let received = sqs.receive_message().queue_url(url).wait_time_seconds(2);
        for message in received.send().await.unwrap().messages() {
            assert!(message.body().unwrap().contains("s3:TestEvent"));
            sqs.delete_message()
                .queue_url(url)
                .receipt_handle(message.receipt_handle().unwrap())
                .send()
                .await
                .unwrap();
        }
    }

    fn queue_arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{REGION}:{}:{name}", self.account)
    }
}

fn key(attribute: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder()
        .attribute_name(attribute)
        .key_type(kind)
        .build()
        .unwrap()
}

async fn configuration(endpoint: &str, account: &str) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::new(account, "local", None, None, "test"))
        .endpoint_url(endpoint)
        .load()
        .await
}

/// The local AWS of this process. It ends with the last test that uses it.
pub(crate) fn shared_aws() -> Arc<LocalAws> {
    static SHARED: Mutex<Weak<LocalAws>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let aws = Arc::new(LocalAws::obtain().unwrap());
        *shared = Arc::downgrade(&aws);
        aws
    })
}
