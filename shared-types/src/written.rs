//! Kinds of things that are told apart by one of their fields, as they are written: the fields of all
//! kinds in one structure.
//!
//! What serde derives to read such an enum keeps all fields aside until it knows the kind, and reads each
//! field in two ways for that. The page would hold five times the code, and reads these most of all.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use crate::api::ChartEvent;
use crate::artifact::ArtifactId;
use crate::change_point::{ChangeNature, ChangePoint, ChangeStanding};
use crate::disturbance::DisturbedState;
use crate::explanation::{GroupTerm, TestCaseKind};
use crate::host::SettingChange;
use crate::ids::RetractionId;
use crate::metric::MetricName;
use crate::run::Replicate;
use crate::test_case::{
    BenchmarkName, Category, ImportedName, PatchName, Profile, Scenario, ScenarioKind, TestCase,
};
use crate::text::word_enum;

/// A field that the kind needs is not there, or is another one's of that name.
#[derive(Debug)]
pub(crate) struct MissingField(&'static str);

impl fmt::Display for MissingField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "missing field `{}`", self.0)
    }
}

fn needed<T>(field: Option<T>, name: &'static str) -> Result<T, MissingField> {
    field.ok_or(MissingField(name))
}

/// A [`TestCase`].
#[derive(Deserialize)]
pub(crate) struct WrittenTestCase {
    kind: TestCaseKind,
    group: Option<BenchmarkName>,
    benchmark: Option<BenchmarkName>,
    profile: Option<Profile>,
    scenario: Option<Scenario>,
    component: Option<BenchmarkName>,
    name: Option<ImportedName>,
}

impl TryFrom<WrittenTestCase> for TestCase {
    type Error = MissingField;

    fn try_from(written: WrittenTestCase) -> Result<Self, MissingField> {
        Ok(match written.kind {
            TestCaseKind::Compile => Self::Compile {
                benchmark: needed(written.benchmark, "benchmark")?,
                profile: needed(written.profile, "profile")?,
                scenario: needed(written.scenario, "scenario")?,
            },
            TestCaseKind::Runtime => Self::Runtime {
                group: needed(written.group, "group")?,
                benchmark: needed(written.benchmark, "benchmark")?,
            },
            TestCaseKind::Toolchain => Self::Toolchain {
                component: needed(written.component, "component")?,
            },
            TestCaseKind::Imported => Self::Imported {
                name: needed(written.name, "name")?,
            },
        })
    }
}

/// A [`GroupTerm`].
#[derive(Deserialize)]
pub(crate) struct WrittenTerm {
    attribute: Attribute,
    kind: Option<TestCaseKind>,
    profiles: Option<Vec<Profile>>,
    scenarios: Option<Vec<ScenarioKind>>,
    patch: Option<PatchName>,
    category: Option<Category>,
    benchmark: Option<BenchmarkName>,
}

word_enum! {
    /// What a term is about.
    Attribute, "an attribute: kind, profiles, scenarios, patch, category, benchmark or every-benchmark-but" {
        Kind => "kind",
        Profiles => "profiles",
        Scenarios => "scenarios",
        Patch => "patch",
        Category => "category",
        Benchmark => "benchmark",
        EveryBenchmarkBut => "every-benchmark-but",
    }
}

impl TryFrom<WrittenTerm> for GroupTerm {
    type Error = MissingField;

    fn try_from(written: WrittenTerm) -> Result<Self, MissingField> {
        Ok(match written.attribute {
            Attribute::Kind => Self::Kind {
                kind: needed(written.kind, "kind")?,
            },
            Attribute::Profiles => Self::Profiles {
                profiles: needed(written.profiles, "profiles")?,
            },
            Attribute::Scenarios => Self::Scenarios {
                scenarios: needed(written.scenarios, "scenarios")?,
            },
            Attribute::Patch => Self::Patch {
                patch: needed(written.patch, "patch")?,
            },
            Attribute::Category => Self::Category {
                category: needed(written.category, "category")?,
            },
            Attribute::Benchmark => Self::Benchmark {
                benchmark: needed(written.benchmark, "benchmark")?,
            },
            Attribute::EveryBenchmarkBut => Self::EveryBenchmarkBut {
                benchmark: needed(written.benchmark, "benchmark")?,
            },
        })
    }
}

/// A [`ChartEvent`].
#[derive(Deserialize)]
pub(crate) struct WrittenEvent {
    kind: EventKind,
    artifact: ArtifactId,
    retraction: Option<RetractionId>,
    first_ordinal: Option<i64>,
    last_ordinal: Option<i64>,
    host: Option<String>,
    changes: Option<Vec<SettingChange>>,
    replicate: Option<Replicate>,
    hosts: Option<Vec<String>>,
    sentence: Option<String>,
    earliest: Option<ArtifactId>,
    latest: Option<ArtifactId>,
    test_case: Option<String>,
    metric: Option<MetricName>,
    nature: Option<ChangeNature>,
    state: Option<String>,
    until: Option<ArtifactId>,
    before: Option<LevelOrHosts>,
    after: Option<LevelOrHosts>,
    change: Option<f64>,
    noises: Option<f64>,
    stands: Option<bool>,
}

word_enum! {
    /// What happened.
    EventKind, "a kind of event: change-point, host, host-setup, disturbed-host or retracted" {
        ChangePoint => "change-point",
        Host => "host",
        HostSetup => "host-setup",
        DisturbedHost => "disturbed-host",
        Retracted => "retracted",
    }
}

impl TryFrom<WrittenEvent> for ChartEvent {
    type Error = MissingField;

    fn try_from(written: WrittenEvent) -> Result<Self, MissingField> {
        let artifact = written.artifact;
        Ok(match written.kind {
            EventKind::ChangePoint => Self::ChangePoint(ChangePoint {
                artifact,
                earliest: needed(written.earliest, "earliest")?,
                latest: needed(written.latest, "latest")?,
                test_case: needed(written.test_case, "test_case")?,
                metric: needed(written.metric, "metric")?,
                nature: needed(written.nature, "nature")?,
                state: needed(parsed::<ChangeStanding>(written.state), "state")?,
                until: written.until,
                before: needed(level(written.before), "before")?,
                after: needed(level(written.after), "after")?,
                change: written.change,
                noises: written.noises,
                stands: needed(written.stands, "stands")?,
            }),
            EventKind::Host => Self::Host {
                artifact,
                before: needed(hosts(written.before), "before")?,
                after: needed(hosts(written.after), "after")?,
            },
            EventKind::HostSetup => Self::HostSetup {
                artifact,
                host: needed(written.host, "host")?,
                changes: needed(written.changes, "changes")?,
            },
            EventKind::DisturbedHost => Self::DisturbedHost {
                artifact,
                replicate: needed(written.replicate, "replicate")?,
                hosts: needed(written.hosts, "hosts")?,
                state: needed(parsed::<DisturbedState>(written.state), "state")?,
                sentence: needed(written.sentence, "sentence")?,
            },
            EventKind::Retracted => Self::Retracted {
                retraction: needed(written.retraction, "retraction")?,
                artifact,
                until: needed(written.until, "until")?,
                first_ordinal: needed(written.first_ordinal, "first_ordinal")?,
                last_ordinal: needed(written.last_ordinal, "last_ordinal")?,
                sentence: needed(written.sentence, "sentence")?,
            },
        })
    }
}

fn parsed<T: std::str::FromStr>(word: Option<String>) -> Option<T> {
    word?.parse().ok()
}

fn level(of: Option<LevelOrHosts>) -> Option<f64> {
    match of {
        Some(LevelOrHosts::Level(level)) => Some(level),
        _ => None,
    }
}

fn hosts(of: Option<LevelOrHosts>) -> Option<Vec<String>> {
    match of {
        Some(LevelOrHosts::Hosts(hosts)) => Some(hosts),
        _ => None,
    }
}

/// What was before an event and is after it.
enum LevelOrHosts {
    Level(f64),
    Hosts(Vec<String>),
}

impl<'de> Deserialize<'de> for LevelOrHosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LevelOrHostsVisitor)
    }
}

struct LevelOrHostsVisitor;

impl<'de> Visitor<'de> for LevelOrHostsVisitor {
    type Value = LevelOrHosts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a level or a list of hosts")
    }

    fn visit_f64<E: Error>(self, level: f64) -> Result<LevelOrHosts, E> {
        Ok(LevelOrHosts::Level(level))
    }

    fn visit_u64<E: Error>(self, level: u64) -> Result<LevelOrHosts, E> {
        Ok(LevelOrHosts::Level(level as f64))
    }

    fn visit_i64<E: Error>(self, level: i64) -> Result<LevelOrHosts, E> {
        Ok(LevelOrHosts::Level(level as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<LevelOrHosts, A::Error> {
        let mut hosts = Vec::new();
        while let Some(host) = list.next_element()? {
            hosts.push(host);
        }
        Ok(LevelOrHosts::Hosts(hosts))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(text: Value) -> Result<Value, String> {
        let read: ChartEvent = serde_json::from_value(text).map_err(|error| error.to_string())?;
        Ok(serde_json::to_value(read).unwrap())
    }

    #[test]
    fn every_kind_of_event_is_read_as_it_is_written() {
        let artifact = "0123456789012345678901234567890123456789";
        for text in [
            json!({ "kind": "change-point", "artifact": artifact, "earliest": artifact, "latest": artifact,
                "test_case": "syn/check/full", "metric": "instructions:u", "nature": "step",
                "state": "confirmed", "until": artifact, "before": 1.5, "after": -2.0, "change": 0.25,
                "noises": 3.5, "stands": true }),
            json!({ "kind": "change-point", "artifact": artifact, "earliest": artifact, "latest": artifact,
                "test_case": "syn/check/full", "metric": "instructions:u", "nature": "drift",
                "state": "suspected", "before": 0.0, "after": 7.0, "stands": false }),
            json!({ "kind": "host", "artifact": artifact, "before": ["a"], "after": ["b", "c"] }),
            json!({ "kind": "host-setup", "artifact": artifact, "host": "a", "changes": [] }),
            json!({ "kind": "disturbed-host", "artifact": artifact, "replicate": 2, "hosts": ["a"],
                "state": "found", "sentence": "Why." }),
            json!({ "kind": "retracted", "retraction": "0198c0de-0000-7000-8000-000000000000",
                "artifact": artifact, "until": artifact, "first_ordinal": 3, "last_ordinal": 5,
                "sentence": "Why." }),
        ] {
            assert_eq!(event(text.clone()), Ok(text));
        }
        // Whole numbers are levels too.
        let whole = json!({ "kind": "change-point", "artifact": artifact, "earliest": artifact,
            "latest": artifact, "test_case": "a", "metric": "size:linked", "nature": "step",
            "state": "accepted", "before": 3, "after": -4, "stands": true });
        assert_eq!(event(whole).unwrap()["after"], json!(-4.0));
    }

    #[test]
    fn what_is_missing_is_named() {
        let artifact = "0123456789012345678901234567890123456789";
        let missing = |text: Value| event(text).unwrap_err();
        let message = missing(json!({ "kind": "host", "artifact": artifact, "before": ["a"] }));
        assert!(message.contains("missing field `after`"), "{message}");
        // A level is no list of hosts.
        let message =
            missing(json!({ "kind": "host", "artifact": artifact, "before": 1, "after": [] }));
        assert!(message.contains("missing field `before`"), "{message}");
        let message = missing(json!({ "kind": "nothing", "artifact": artifact }));
        assert!(message.contains("a kind of event"), "{message}");

        let test_case = |text: Value| {
            serde_json::from_value::<TestCase>(text)
                .unwrap_err()
                .to_string()
        };
        let message =
            test_case(json!({ "kind": "compile", "benchmark": "syn", "scenario": "full" }));
        assert!(message.contains("missing field `profile`"), "{message}");
        let message = test_case(json!({ "benchmark": "syn" }));
        assert!(message.contains("missing field `kind`"), "{message}");
    }

    #[test]
    fn every_term_is_read_as_it_is_written() {
        for text in [
            json!({ "attribute": "kind", "kind": "compile" }),
            json!({ "attribute": "profiles", "profiles": ["check", "opt"] }),
            json!({ "attribute": "scenarios", "scenarios": ["full"] }),
            json!({ "attribute": "patch", "patch": "println" }),
            json!({ "attribute": "category", "category": "primary" }),
            json!({ "attribute": "benchmark", "benchmark": "syn" }),
            json!({ "attribute": "every-benchmark-but", "benchmark": "syn" }),
        ] {
            let read: GroupTerm = serde_json::from_value(text.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), text);
        }
    }
}
