//! What the coordinator is told by way of the events queue, by collectors above all, and the storage
//! events by which a new result is noticed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::host::HostFacts;
use crate::ids::Attempt;
use crate::object_key::ContentHash;
use crate::{
    ConfigurationId, FormatVersion, InvalidInput, JobId, MetricName, ObjectKey, RequestId,
};

/// A message on the events queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMessage {
    /// The version of this format.
    pub format: FormatVersion,
    /// When it happened.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub at: Timestamp,
    /// The request that the work is for, so that all logs can be searched for it. Absent where no
    /// job is concerned, and in what older collectors tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<RequestId>,
    /// What happened.
    pub event: CollectorEvent,
}

impl Versioned for EventMessage {
    const WHAT: &'static str = "an event";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

/// What the coordinator is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CollectorEvent {
    /// By no collector but by a function: a request was made or changed, or a job of it came to its
    /// end, so that there may be something to hand out.
    RequestMoved {
        /// The request.
        request: RequestId,
    },
    /// It is there, and idle or at work.
    Alive(Box<CollectorReport>),
    /// How far it has come with a job.
    Progress(ProgressEvent),
    /// An attempt failed for a real reason.
    AttemptFailed {
        /// The job.
        job: JobId,
        /// Which delivery of it.
        attempt: Attempt,
        /// Who.
        collector: String,
        /// Why.
        reason: String,
    },
    /// A message of its queue could not be understood, and was kept aside.
    Refused {
        /// Who.
        collector: String,
        /// Whose queue.
        configuration: ConfigurationId,
        /// Why.
        reason: String,
        /// The message, shortened.
        message: String,
    },
}

/// How far a collector has come with a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressEvent {
    /// The job.
    pub job: JobId,
    /// Which delivery of it.
    pub attempt: Attempt,
    /// Who.
    pub collector: String,
    /// Compilations done.
    pub done: u64,
    /// Compilations in all.
    pub total: u64,
    /// What is being measured.
    pub current: String,
    /// The host.
    pub host: String,
}

/// What a collector says of itself when it starts, and every minute after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectorReport {
    /// Its name.
    pub collector: String,
    /// The version of its program.
    pub version: String,
    /// The configurations that it serves.
    pub configurations: Vec<ConfigurationId>,
    /// Its host.
    pub host: HostFacts,
    /// The metrics that its host can give.
    pub metrics: Vec<MetricName>,
    /// The catalogue of its suite, an object under `suite/v1/`.
    pub suite: ContentHash,
    /// The job that it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
}

/// Reads the keys of the objects that an S3 event notification says were created. Events of other
/// kinds, such as the test event that S3 sends first, name none.
///
/// # Errors
/// When it is not JSON of that shape. A key that is not one of ours is an error of its own, so that
/// one stray object does not hide the others.
pub fn created_objects(json: &str) -> Result<Vec<Result<ObjectKey, InvalidInput>>, InvalidInput> {
    let notification: S3Notification =
        serde_json::from_str(json).map_err(|error| InvalidInput::Document {
            what: "a storage event",
            reason: error.to_string(),
        })?;
    Ok(notification
        .records
        .into_iter()
        .filter(|record| record.event_name.contains("ObjectCreated"))
        .map(|record| ObjectKey::from_event(&record.s3.object.key))
        .collect())
}

/// The event that S3 would send for `key`, with the fields that [`created_objects`] reads.
pub fn object_created(key: &ObjectKey) -> String {
    let encoded = key.to_string().replace('#', "%23").replace('+', "%2B");
    serde_json::json!({
        "Records": [{
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": { "object": { "key": encoded } },
        }]
    })
    .to_string()
}

#[derive(Deserialize)]
struct S3Notification {
    #[serde(rename = "Records", default)]
    records: Vec<S3Record>,
}

#[derive(Deserialize)]
struct S3Record {
    #[serde(rename = "eventName")]
    event_name: String,
    s3: S3Entity,
}

#[derive(Deserialize)]
struct S3Entity {
    object: S3Object,
}

#[derive(Deserialize)]
struct S3Object {
    key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_made_here_is_read_here() {
        let key: ObjectKey = "results/v1/c/0190163d-8694-739b-aea5-966c26f8ad91/1.json.zst"
            .parse()
            .unwrap();
        let keys = created_objects(&object_created(&key)).unwrap();
        assert_eq!(keys, [Ok(key)]);
    }

    #[test]
    fn a_stray_object_does_not_hide_the_others() {
        let json = r#"{"Records":[
            {"eventName":"s3:ObjectCreated:Put","s3":{"object":{"key":"stray"}}},
            {"eventName":"ObjectCreated:Put","s3":{"object":{"key":"series%2Fv1%2Fc%2Fmanifest.json"}}}
        ]}"#;
        let keys = created_objects(json).unwrap();
        assert!(keys[0].is_err());
        assert!(keys[1].is_ok());
    }

    #[test]
    fn the_test_event_of_s3_names_no_object() {
        assert_eq!(created_objects(r#"{"Event":"s3:TestEvent"}"#).unwrap(), []);
        assert!(created_objects("not json").is_err());
    }
}
