//! A fleet in a local AWS: its data, its functions, and what AWS does between them.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use localstack::{FunctionHost, LocalAws, Proxy};
use serde_json::{Value, json};
use shared_types::ConfigurationId;
use store::aws::AwsPlace;
use store::aws::local_account::{LocalAccount, REGION};
use store::{Delivery, QueueName};
use tokio::runtime::Runtime;

use crate::world::{ONE, TWO, World};

const LEASE: Duration = Duration::from_secs(300);
/// How long something that was sent may be on its way.
const WAIT: Duration = Duration::from_secs(20);

/// A fleet. Its functions speak to AWS through the proxy, and the test does not.
pub(crate) struct Fleet {
    pub(crate) world: World,
    pub(crate) proxy: Proxy,
    pub(crate) environment: String,
    variables: Vec<(&'static str, String)>,
    bucket: String,
    // The last two to end, in this order.
    runtime: Runtime,
    _aws: LocalAws,
}

impl Fleet {
    /// An empty fleet with two registered configurations, in an account of its own.
    pub(crate) fn new() -> Self {
        let aws = LocalAws::obtain().unwrap();
        let proxy = Proxy::before(&aws).unwrap();
        let runtime = Runtime::new().unwrap();
        let id = format!("{:012}", getrandom::u64().unwrap() % 1_000_000_000_000);
        let environment = format!("t{id}");
        let place = AwsPlace {
            environment: environment.parse().unwrap(),
            bucket: format!("perfleet-{environment}-results-1"),
        };
        let world = runtime.block_on(async {
            let account = LocalAccount::at(aws.endpoint(), &id).await;
            let configurations: [ConfigurationId; 2] = [ONE, TWO].map(|id| id.parse().unwrap());
            account.make(&place, &configurations).await;
            let store = store::aws::open_with(account.configuration(), &place);
            World::over(store, tempfile::tempdir().unwrap(), Timestamp::now()).await
        });
        let variables = vec![
            ("PERFLEET_AWS_ENVIRONMENT", environment.clone()),
            ("PERFLEET_AWS_BUCKET", place.bucket.clone()),
            ("AWS_ENDPOINT_URL", proxy.endpoint().to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", id),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        Self {
            world,
            proxy,
            environment,
            variables,
            bucket: place.bucket,
            runtime,
            _aws: aws,
        }
    }

    /// Does what is asynchronous.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Starts a function, as a cold start of Lambda's.
    pub(crate) fn start(&self, binary: &str) -> FunctionHost {
        FunctionHost::start(Path::new(binary), self.variables.clone()).unwrap()
    }

    /// What tells a program where the fleet is.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        self.variables.clone()
    }

    /// The bucket of its data.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Takes `count` messages from a queue, as a trigger does.
    pub(crate) fn receive(&self, queue: &QueueName, count: usize) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while deliveries.len() < count {
            let more = self.receive_within(queue, WAIT);
            assert!(!more.is_empty(), "{} of {count}", deliveries.len());
            deliveries.extend(more);
        }
        deliveries
    }

    /// Takes what waits in a queue and can be taken at once.
    pub(crate) fn receive_now(&self, queue: &QueueName) -> Vec<Delivery> {
        self.receive_within(queue, Duration::ZERO)
    }

    fn receive_within(&self, queue: &QueueName, wait: Duration) -> Vec<Delivery> {
        let queues = &self.world.context.store.queue;
        self.run(queues.receive(queue, 10, LEASE, wait)).unwrap()
    }

    /// Deletes what a function handled, as a trigger does. Returns what it is to be given again.
    pub(crate) fn settle(
        &self,
        queue: &QueueName,
        deliveries: Vec<Delivery>,
        answer: &Value,
    ) -> Vec<Delivery> {
        let failed = answer["batchItemFailures"].as_array().unwrap();
        let (again, handled): (Vec<_>, Vec<_>) =
            deliveries.into_iter().enumerate().partition(|(number, _)| {
                let id = message_id(*number);
                failed.iter().any(|one| one["itemIdentifier"] == id)
            });
        let queues = &self.world.context.store.queue;
        for (_, delivery) in handled {
            self.run(queues.delete(queue, &delivery.receipt)).unwrap();
        }
        again.into_iter().map(|(_, delivery)| delivery).collect()
    }
}

fn message_id(number: usize) -> String {
    format!("message-{number}")
}

/// The event by which a trigger gives messages to a function.
pub(crate) fn batch(deliveries: &[Delivery]) -> Value {
    let records: Vec<Value> = deliveries
        .iter()
        .enumerate()
        .map(|(number, delivery)| {
            json!({
                "messageId": message_id(number),
                "receiptHandle": delivery.receipt.0,
                "body": delivery.body,
                "attributes": {
                    "ApproximateReceiveCount": delivery.receive_count.to_string(),
                    "SentTimestamp": "1545082649183",
                    "SenderId": "123456789012",
                    "ApproximateFirstReceiveTimestamp": "1545082649185",
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:a-queue",
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}

/// The event of a schedule.
pub(crate) fn schedule() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-25T12:00:00Z",
        "region": REGION,
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/a-rule"],
        "detail": {},
    })
}

/// The lines that a function logged.
pub(crate) fn log_lines(host: &FunctionHost) -> Vec<Value> {
    host.log()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}
