//! An account of a local AWS, with the queues and the bucket of a fleet.

use std::time::{SystemTime, UNIX_EPOCH};

use localstack::LocalAws;
use serde_json::{Value, json};
use shared_types::ConfigurationId;
use shared_types::events::EventMessage;
use shared_types::format::Versioned;
use shared_types::job::JobMessage;

const ENVIRONMENT: &str = "t1";
const REGION: &str = "us-east-1";

/// An account, as long as its AWS runs.
pub(crate) struct TestAccount {
    pub(crate) aws: LocalAws,
    pub(crate) id: String,
    http: ureq::Agent,
    /// The queue of the first configuration.
    jobs: String,
    /// Its dead letters.
    dead: String,
    events: String,
}

impl TestAccount {
    /// A fleet that measures under the configuration of this job.
    pub(crate) fn for_job(job: &JobMessage) -> Self {
        Self::of(std::slice::from_ref(&job.configuration))
    }

    /// A fleet that measures under these configurations.
    pub(crate) fn of(configurations: &[ConfigurationId]) -> Self {
        let http = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut account = Self {
            aws: LocalAws::obtain().unwrap(),
            id: fresh_id(),
            http,
            jobs: String::new(),
            dead: String::new(),
            events: String::new(),
        };
        let queues: Vec<String> = configurations
            .iter()
            .map(|configuration| account.make_queue(&configuration.queue_name(ENVIRONMENT)))
            .collect();
        account.jobs.clone_from(&queues[0]);
        account.dead = account.make_queue(&configurations[0].dead_letter_queue_name(ENVIRONMENT));
        account.events = account.make_queue(&format!("perfleet-{ENVIRONMENT}--events"));
        assert_eq!(account.s3("PUT", "", b"").0, 200);
        account
    }

    /// The environment with which a collector works for this fleet, spoken to at `endpoint`, as far
    /// as no credentials are concerned.
    pub(crate) fn place_variables(&self, endpoint: &str) -> Vec<(&'static str, String)> {
        vec![
            ("PERFLEET_AWS_ENVIRONMENT", ENVIRONMENT.to_owned()),
            ("PERFLEET_AWS_BUCKET", self.bucket()),
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    pub(crate) fn key_variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", self.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ]
    }

    pub(crate) fn send(&self, job: &JobMessage) {
        self.send_text(&serde_json::to_string(job).unwrap());
    }

    /// Sends what may be no job.
    pub(crate) fn send_text(&self, body: &str) {
        let message = json!({ "QueueUrl": self.jobs, "MessageBody": body });
        self.sqs("SendMessage", &message);
    }

    /// The dead letters of the queue of jobs, each with the reason for which it was put aside.
    pub(crate) fn dead_letters(&self) -> Vec<(String, String)> {
        let question = json!({
            "QueueUrl": self.dead,
            "MaxNumberOfMessages": 10,
            "MessageAttributeNames": ["All"],
        });
        let answer = self.sqs("ReceiveMessage", &question);
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        messages
            .iter()
            .map(|message| {
                let reason = &message["MessageAttributes"]["reason"]["StringValue"];
                (text(&message["Body"]), text(reason))
            })
            .collect()
    }

    /// Messages in the queue of jobs that wait, and that are leased.
    pub(crate) fn jobs_left(&self) -> (u64, u64) {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ];
        let question = json!({ "QueueUrl": self.jobs, "AttributeNames": names });
        let answer = self.sqs("GetQueueAttributes", &question);
        let [waiting, leased] = names.map(|name| {
            answer["Attributes"][name]
                .as_str()
                .unwrap()
                .parse()
                .unwrap()
        });
        (waiting, leased)
    }

    /// Takes what was told so far.
    pub(crate) fn events(&self) -> Vec<EventMessage> {
        let question = json!({ "QueueUrl": self.events, "MaxNumberOfMessages": 10 });
        let mut events = Vec::new();
        loop {
            let answer = self.sqs("ReceiveMessage", &question);
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return events;
            }
            for message in messages {
                let body = message["Body"].as_str().unwrap();
                events.push(EventMessage::from_json(body.as_bytes()).unwrap());
            }
        }
    }

    /// An object, if it is there.
    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        match self.s3("GET", key, b"") {
            (200, bytes) => Some(bytes),
            (404, _) => None,
            (status, bytes) => panic!("{status}: {}", String::from_utf8_lossy(&bytes)),
        }
    }

    pub(crate) fn put_object(&self, key: &str, bytes: &[u8]) {
        assert_eq!(self.s3("PUT", key, bytes).0, 200);
    }

    /// How many objects' keys begin with `prefix`.
    pub(crate) fn objects(&self, prefix: &str) -> usize {
        let (status, bytes) = self.s3("GET", &format!("?list-type=2&prefix={prefix}"), b"");
        assert_eq!(status, 200);
        String::from_utf8(bytes).unwrap().matches("<Key>").count()
    }

    /// Names of buckets are one for all accounts.
    fn bucket(&self) -> String {
        format!("perfleet-{ENVIRONMENT}-results-{}", self.id)
    }

    fn make_queue(&self, name: &str) -> String {
        let attributes = json!({ "VisibilityTimeout": "300" });
        let queue = json!({ "QueueName": name, "Attributes": attributes });
        let answer = self.sqs("CreateQueue", &queue);
        answer["QueueUrl"].as_str().unwrap().to_owned()
    }

    fn sqs(&self, operation: &str, question: &Value) -> Value {
        let mut answer = self
            .http
            .post(self.aws.endpoint())
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{operation}"))
            .header("authorization", self.authorization("sqs"))
            .send(question.to_string().as_bytes())
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 200, "{operation}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn s3(&self, method: &str, rest: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let bucket = format!("{}/{}", self.aws.endpoint(), self.bucket());
        let url = match rest {
            "" => bucket,
            query if query.starts_with('?') => format!("{bucket}{query}"),
            key => format!("{bucket}/{key}"),
        };
        let authorization = self.authorization("s3");
        let answer = match method {
            "PUT" => self
                .http
                .put(url)
                .header("authorization", authorization)
                .send(body),
            _ => self
                .http
                .get(url)
                .header("authorization", authorization)
                .call(),
        };
        let mut answer = answer.unwrap();
        let bytes = answer.body_mut().read_to_vec().unwrap();
        (answer.status().as_u16(), bytes)
    }

    /// A local AWS reads the account of a call from its credentials, and checks no signature.
    fn authorization(&self, service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20261125/{REGION}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0",
            self.id
        )
    }
}

/// Twelve digits that no other test has, also where all share one AWS.
fn fresh_id() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let number = (now.as_nanos() ^ (u128::from(std::process::id()) << 20)) % 900_000_000_000;
    format!("{}", number + 100_000_000_000)
}
