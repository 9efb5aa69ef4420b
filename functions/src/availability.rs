//! Whether a compiler is there to be fetched yet: a request for one that is still being built waits.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shared_types::ArtifactId;

/// How long a request waits for its compilers before it fails.
pub const WAIT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Asked again so soon at first, and so late at last.
const ASK_AGAIN_MIN: SignedDuration = SignedDuration::from_mins(1);
const ASK_AGAIN_MAX: SignedDuration = SignedDuration::from_mins(30);
/// How long a server may take to say whether it has a file.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Whether a compiler is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It is, or nobody can tell.
    There,
    /// It is not there yet, with the reason in words.
    NotYet(String),
}

/// Asks whether a compiler is there.
#[async_trait]
pub trait ArtifactAvailability: Send + Sync {
    /// Whether an artifact is there for hosts of a target.
    async fn ask(&self, artifact: &ArtifactId, target: &str) -> Availability;
}

/// Where nobody can tell, collectors find out.
#[derive(Debug, Clone, Copy, Default)]
pub struct AssumedThere;

#[async_trait]
impl ArtifactAvailability for AssumedThere {
    async fn ask(&self, _artifact: &ArtifactId, _target: &str) -> Availability {
        Availability::There
    }
}

/// Asks a server for the archive of a commit, by `HEAD`.
#[derive(Debug, Clone)]
pub struct PublishedArchives {
    /// The URL, with `{sha}` and `{target}`.
    template: String,
}

impl PublishedArchives {
    /// Archives at such URLs.
    ///
    /// # Errors
    /// Says what the URL lacks.
    pub fn at(template: &str) -> Result<Self, String> {
        if !template.starts_with("https://") && !template.starts_with("http://") {
            return Err(format!("`{template}` is no URL: it begins with https://"));
        }
        if !template.contains("{sha}") {
            return Err(format!(
                "`{template}` holds no `{{sha}}`, in whose place a commit is put"
            ));
        }
        Ok(Self {
            template: template.to_owned(),
        })
    }
}

#[async_trait]
impl ArtifactAvailability for PublishedArchives {
    async fn ask(&self, artifact: &ArtifactId, target: &str) -> Availability {
        let ArtifactId::Commit(sha) = artifact else {
            return Availability::There;
        };
        let url = self
            .template
            .replace("{sha}", sha)
            .replace("{target}", target);
        let asked = url.clone();
        let answer = tokio::task::spawn_blocking(move || head(&asked)).await;
        match answer {
            Ok(Ok(200..=299)) => Availability::There,
            Ok(Ok(status)) => Availability::NotYet(format!("{url} answers {status}")),
            Ok(Err(reason)) => Availability::NotYet(format!("{url} does not answer: {reason}")),
            Err(panic) => Availability::NotYet(format!("asking {url} failed: {panic}")),
        }
    }
}

fn head(url: &str) -> Result<u16, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_MAX))
        .http_status_as_error(false)
        .build()
        .into();
    let response = agent.head(url).call().map_err(|error| error.to_string())?;
    Ok(response.status().as_u16())
}

/// What was asked lately, so that a server is asked the less often the longer it says no. It is lost
/// with the process, which costs one question.
#[derive(Debug, Default)]
pub(crate) struct AskedLately {
    answers: Mutex<BTreeMap<(ArtifactId, String), (Timestamp, Availability)>>,
}

impl AskedLately {
    /// The last answer, where it is not yet time to ask again.
    pub(crate) fn answer(
        &self,
        artifact: &ArtifactId,
        target: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Option<Availability> {
        let answers = self
            .answers
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let (asked_at, answer) = answers.get(&(artifact.clone(), target.to_owned()))?;
        let is_due =
            now.duration_since(*asked_at) >= ask_again_after(asked_at.duration_since(since));
        (*answer == Availability::There || !is_due).then(|| answer.clone())
    }

    pub(crate) fn note(
        &self,
        artifact: &ArtifactId,
        target: &str,
        now: Timestamp,
        answer: &Availability,
    ) {
        let mut answers = self
            .answers
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        // What nobody waits for any more.
        answers.retain(|_, (asked_at, _)| now.duration_since(*asked_at) < WAIT_MAX);
        let key = (artifact.clone(), target.to_owned());
        answers.insert(key, (now, answer.clone()));
    }
}

/// How long to wait until a server is asked again that said no after a request had waited that long:
/// an eighth of it, so that a compiler that takes hours costs few questions and one that takes minutes
/// is found within one.
pub fn ask_again_after(waited: SignedDuration) -> SignedDuration {
    (waited / 8).clamp(ASK_AGAIN_MIN, ASK_AGAIN_MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_day_of_waiting_costs_few_questions_and_none_comes_late(seconds in 0i64..86_400) {
            let waited = SignedDuration::from_secs(seconds);
            let after = ask_again_after(waited);
            prop_assert!(after >= ASK_AGAIN_MIN && after <= ASK_AGAIN_MAX);
            prop_assert!(after <= ASK_AGAIN_MIN || after <= waited / 8 + ASK_AGAIN_MIN);
        }
    }

    #[test]
    fn a_server_is_asked_again_only_when_it_is_time() {
        let lately = AskedLately::default();
        let artifact: ArtifactId = "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0".parse().unwrap();
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        assert_eq!(lately.answer(&artifact, "x86", at(0), at(0)), None);
        let no = Availability::NotYet("404".to_owned());
        lately.note(&artifact, "x86", at(80), &no);
        assert_eq!(lately.answer(&artifact, "x86", at(0), at(89)), Some(no));
        assert_eq!(lately.answer(&artifact, "x86", at(0), at(90)), None);
        assert_eq!(lately.answer(&artifact, "arm", at(0), at(81)), None);
        lately.note(&artifact, "x86", at(91), &Availability::There);
        let there = lately.answer(&artifact, "x86", at(0), at(500));
        assert_eq!(there, Some(Availability::There));
    }

    #[test]
    fn a_url_without_a_place_for_the_commit_is_refused() {
        assert!(PublishedArchives::at("https://host/{sha}/{target}.tar.xz").is_ok());
        let error = PublishedArchives::at("https://host/x").unwrap_err();
        assert!(error.contains("no `{sha}`"), "{error}");
        assert!(PublishedArchives::at("host/{sha}").is_err());
    }
}
