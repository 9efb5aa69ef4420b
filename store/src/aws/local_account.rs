//! What `infra/` makes of a place, as far as the store knows of it: for tests against a local AWS,
//! which reads the account of a call from its access key and checks no signature.

#![allow(
    clippy::unwrap_used,
    reason = "a place that cannot be made ends a test, and its caller is a test"
)]

use std::collections::HashMap;

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
use shared_types::ConfigurationId;
use shared_types::job::DELIVERIES_PER_RELEASE;

use super::AwsPlace;
use crate::QueueName;

/// The region of everything that is made here.
pub const REGION: &str = "us-east-1";

/// A local AWS as one of its accounts sees it.
#[derive(Debug, Clone)]
pub struct LocalAccount {
    id: String,
    configuration: SdkConfig,
}

impl LocalAccount {
    /// The account with this id, of 12 digits, in the AWS at `endpoint`.
    pub async fn at(endpoint: &str, id: &str) -> Self {
        let configuration = aws_config::defaults(BehaviorVersion::latest())
            .http_client(super::http_client())
            .region(Region::from_static(REGION))
            .credentials_provider(Credentials::new(id, "local", None, None, "local account"))
            .endpoint_url(endpoint)
            .load()
            .await;
        Self {
            id: id.to_owned(),
            configuration,
        }
    }

    /// How the account is spoken to.
    pub fn configuration(&self) -> &SdkConfig {
        &self.configuration
    }

    /// Makes queues, table and bucket of a place that measures under these configurations.
    ///
    /// # Panics
    /// When any of it cannot be made.
    pub async fn make(&self, place: &AwsPlace, configurations: &[ConfigurationId]) {
        let of_jobs = configurations.iter().cloned().map(QueueName::Jobs);
        for queue in QueueName::OF_FUNCTIONS.into_iter().chain(of_jobs) {
            self.make_queue(&place.queue(&queue), &place.dead_letter_queue(&queue))
                .await;
        }
        self.make_table(&place.table()).await;
        let ingest = place.queue(&QueueName::Ingest);
        self.make_bucket(&place.bucket, &ingest).await;
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

    async fn make_table(&self, name: &str) {
        let dynamodb = aws_sdk_dynamodb::Client::new(&self.configuration);
        let mut table = dynamodb
            .create_table()
            .table_name(name)
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
            .table_name(name)
            .time_to_live_specification(expiry);
        set.send().await.unwrap();
    }

    async fn make_bucket(&self, bucket: &str, ingest: &str) {
        let s3 = super::s3_client(&self.configuration);
        s3.create_bucket().bucket(bucket).send().await.unwrap();
        let prefix = FilterRule::builder()
            .name(FilterRuleName::Prefix)
            .value("results/")
            .build();
        let filter = NotificationConfigurationFilter::builder()
            .key(S3KeyFilter::builder().filter_rules(prefix).build())
            .build();
        let notification = QueueConfiguration::builder()
            .queue_arn(self.queue_arn(ingest))
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
        self.take_away_the_test_event(ingest).await;
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
        format!("arn:aws:sqs:{REGION}:{}:{name}", self.id)
    }
}

fn key(attribute: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder()
        .attribute_name(attribute)
        .key_type(kind)
        .build()
        .unwrap()
}
