//! The overview in memory: the last answer for a moment, and trends for as long as their series stay.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use shared_types::ConfigurationId;
use shared_types::api::{Overview, Trend};

/// What is kept.
#[derive(Default)]
pub(crate) struct OverviewCache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    answer: Option<(Timestamp, Arc<Overview>)>,
    /// By configuration: the tag of the manifest it was computed from, and what came out.
    trends: HashMap<ConfigurationId, (String, Option<Trend>)>,
}

impl OverviewCache {
    /// The last answer, unless it is older than `seconds`.
    pub(super) fn kept(&self, now: Timestamp, seconds: i64) -> Option<Arc<Overview>> {
        let kept = self.kept_values();
        let (at, answer) = kept.answer.as_ref()?;
        let age = now.as_second() - at.as_second();
        (0..seconds).contains(&age).then(|| Arc::clone(answer))
    }

    pub(super) fn keep(&self, now: Timestamp, answer: &Arc<Overview>) {
        self.kept_values().answer = Some((now, Arc::clone(answer)));
    }

    /// The trend that was computed from the series of this tag.
    pub(super) fn trend(
        &self,
        configuration: &ConfigurationId,
        tag: &str,
    ) -> Option<Option<Trend>> {
        let kept = self.kept_values();
        let (known, trend) = kept.trends.get(configuration)?;
        (known == tag).then(|| trend.clone())
    }

    pub(super) fn keep_trend(
        &self,
        configuration: &ConfigurationId,
        tag: &str,
        trend: &Option<Trend>,
    ) {
        let mut kept = self.kept_values();
        kept.trends
            .insert(configuration.clone(), (tag.to_owned(), trend.clone()));
    }

    fn kept_values(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
