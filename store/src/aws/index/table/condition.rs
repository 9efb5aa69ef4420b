//! The conditions under which items are written.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::row::{PARTITION, VERSION, Version};

/// What must be true of an item for it to be written.
pub(super) struct Condition {
    pub(super) expression: &'static str,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

impl Condition {
    /// The item is as it was read: of this version, or not there.
    pub(super) fn unchanged(known: Option<Version>) -> Self {
        match known {
            None => Self {
                expression: "attribute_not_exists(#part)",
                names: names([("#part", PARTITION)]),
                values: None,
            },
            Some(version) => Self {
                expression: "#version = :known",
                names: names([("#version", VERSION)]),
                values: Some(version_value(":known", version)),
            },
        }
    }

    /// The item is of an earlier version, or not there.
    pub(super) fn earlier(than: Version) -> Self {
        Self {
            expression: "attribute_not_exists(#part) OR #version < :new",
            names: names([("#part", PARTITION), ("#version", VERSION)]),
            values: Some(version_value(":new", than)),
        }
    }
}

fn names<const N: usize>(names: [(&str, &str); N]) -> HashMap<String, String> {
    names
        .into_iter()
        .map(|(name, attribute)| (name.to_owned(), attribute.to_owned()))
        .collect()
}

fn version_value(name: &str, version: Version) -> HashMap<String, AttributeValue> {
    HashMap::from([(name.to_owned(), version.attribute())])
}
