//! Ids, names and keys: what is accepted is printed as it came, so that nothing has two names.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use shared_types::format::FormatVersion;
use shared_types::object_key::ContentHash;
use shared_types::run::{RunId, Side, SidePair};
use shared_types::test_case::{ImportedName, PatchName, ScenarioKind};
use shared_types::{
    ArtifactId, Backend, BenchmarkName, Category, ConfigurationId, Epoch, JobId, MetricName,
    ObjectKey, Profile, RequestId, Scenario, Tier, Unit,
};
use store::QueueName;

use crate::{assert_says_why, texts};

/// Reads a text, and holds what is accepted against `same`, which compares it with its print.
fn read<T>(text: &str, same: impl Fn(&str, &str) -> bool) -> Option<T>
where
    T: FromStr + Display + PartialEq + Debug,
    T::Err: Display,
{
    match text.parse::<T>() {
        Ok(value) => {
            let printed = value.to_string();
            assert!(same(text, &printed), "`{text}` became `{printed}`");
            assert_eq!(printed.parse::<T>().ok().as_ref(), Some(&value));
            Some(value)
        }
        Err(refusal) => {
            assert_says_why(&refusal);
            None
        }
    }
}

/// Reads a text of which there is one spelling.
fn exact<T>(text: &str) -> Option<T>
where
    T: FromStr + Display + PartialEq + Debug,
    T::Err: Display,
{
    read(text, |came, printed| came == printed)
}

/// Reads a text that people may write in several ways.
fn lenient<T>(text: &str)
where
    T: FromStr + Display + PartialEq + Debug,
    T::Err: Display,
{
    read::<T>(text, |_, _| true);
}

pub(crate) fn name(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    exact::<ArtifactId>(text);
    exact::<ConfigurationId>(text);
    exact::<RunId>(text);
    exact::<Side>(text);
    exact::<SidePair>(text);
    exact::<BenchmarkName>(text);
    exact::<PatchName>(text);
    exact::<ImportedName>(text);
    exact::<Profile>(text);
    exact::<Scenario>(text);
    exact::<ScenarioKind>(text);
    exact::<Category>(text);
    exact::<MetricName>(text);
    exact::<Unit>(text);
    exact::<Backend>(text);
    exact::<Tier>(text);
    exact::<ContentHash>(text);
    exact::<QueueName>(text);
    lenient::<FormatVersion>(text);
    lenient::<Epoch>(text);
    lenient::<JobId>(text);
    lenient::<RequestId>(text);
    sides_of(text);
    local_toolchain(text);
}

/// Two sides that can be named can be named together.
fn sides_of(text: &str) {
    let Some(side) = exact::<Side>(text) else {
        return;
    };
    let other: Side = "release-1.95.0#2".parse().unwrap();
    for (base, head) in [(&side, &other), (&other, &side), (&side, &side)] {
        let pair = SidePair {
            base: base.clone(),
            head: head.clone(),
        };
        assert_eq!(pair.to_string().parse().as_ref(), Ok(&pair));
    }
}

/// Whatever the owner of a toolchain calls it, where that begins like a name it has an id.
fn local_toolchain(text: &str) {
    const SHA: &str = "59807616e1fa2540724bfbac14d7976d7e4a3860";
    let id = ArtifactId::local(text, SHA);
    if text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        exact::<ArtifactId>(&id.unwrap().to_string());
    } else if let Err(refusal) = id {
        assert_says_why(&refusal);
    }
}

pub(crate) fn name_seeds() -> Vec<Vec<u8>> {
    texts([
        "59807616e1fa2540724bfbac14d7976d7e4a3860",
        "release-1.95.0",
        "local-my.tool-59807616e",
        "x86_64-zen4-llvm-t1",
        "release-1.95.0@x86_64-llvm-t1",
        "release-1.95.0#2",
        "release-1.95.0#1..release-1.95.0#2",
        "local-a.b-59807616e..59807616e1fa2540724bfbac14d7976d7e4a3860",
        "syn-2.0.119",
        "incr-patched:println",
        "instructions:u",
        "size:linked-artifact",
        "7zip/link + run",
        "doc-json",
        "00112233445566778899aabbccddeeff",
        "0011223344556677",
        "0190163d-8694-739b-aea5-966c26f8ad91",
        "jobs/x86_64-llvm-t1",
        "1.0",
    ])
}

/// A key as it is, and as an event would bring it. However it was encoded, it is read as any other
/// decoder would read it.
pub(crate) fn object_key(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(key) = exact::<ObjectKey>(text) {
        assert!(!text.contains(['%', '\\', ' ']) && !text.split('/').any(|part| part == ".."));
        let encoded = text
            .replace('/', "%2F")
            .replace('#', "%23")
            .replace('+', "%2b");
        assert_eq!(ObjectKey::from_event(&encoded), Ok(key));
    }
    match ObjectKey::from_event(text) {
        Ok(key) => {
            let spaces = text.replace('+', " ");
            let decoded = percent_decode_str(&spaces).decode_utf8().unwrap();
            assert_eq!(key.to_string(), decoded);
        }
        Err(refusal) => assert_says_why(&refusal),
    }
}

pub(crate) fn object_key_seeds() -> Vec<Vec<u8>> {
    texts([
        "results/v1/x86_64-llvm-t1/0190163d-8694-739b-aea5-966c26f8ad91/1.json.zst",
        "logs/v1/0190163d-8694-739b-aea5-966c26f8ad91/12.log.zst",
        "self-profile/v1/0190163d-8694-739b-aea5-966c26f8ad91/1/3.mm_profdata.zst",
        "series/v1/c/manifest.json",
        "changes/v1/c/main/instructions:u.json.zst",
        "series/v1/c/00112233445566778899aabbccddeeff",
        "comparisons/v1/c/release-1.94.0..release-1.95.0#2/00112233445566778899aabbccddeeff.json",
        "comparisons%2Fv1%2Fc%2Frelease-1.94.0%2B1..release-1.95.0%232%2F00112233445566778899aabbccddeeff.json",
        "comments/v1/0190163d-8694-739b-aea5-966c26f8ad91.md",
        "suite%2fv1%2f00112233445566778899aabbccddeeff",
    ])
}
