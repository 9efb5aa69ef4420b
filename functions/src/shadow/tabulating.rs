//! The table of each day: what the one that is followed says of what it was asked for on that day, and
//! what this environment says of the same. It is computed from both as they are now, so that verdicts
//! that come late come in, and kept as an object for each day.

use std::collections::{BTreeMap, BTreeSet};

use analysis::shadow::{agreement, common_metric, in_brief, table};
use jiff::SignedDuration;
use jiff::civil::Date;
use shared_types::api::ComparisonReference;
use shared_types::format::Versioned;
use shared_types::request::{Request, RequestState};
use shared_types::shadow::{ShadowRow, ShadowTable, VerdictInBrief};
use shared_types::triage::{begin_of, day_of};
use shared_types::{ConfigurationId, MetricName, ObjectKey, RequestId};
use store::{ETag, StoreError};

use super::Shadow;
use super::followed::FollowedRequest;
use super::mirroring::{mapped, registered, request_id};
use crate::compare;
use crate::{Context, FunctionsError};

/// How many days back tables are brought up to date: verdicts come late.
const DAYS: i64 = 7;
/// How often another writer may be faster.
const ATTEMPTS_MAX: u32 = 5;
/// How many tables one page of their listing holds.
const PAGE_OBJECTS: usize = 1000;

/// Where tables are.
const PREFIX: &str = "shadow/v1/";

/// Brings the tables of the last days up to date. Returns those that changed. Does nothing where the
/// environment is no shadow.
///
/// # Errors
/// When the one that is followed cannot be read, or the store fails.
#[tracing::instrument(name = "tabulate", skip_all)]
pub async fn tabulate(context: &Context) -> Result<Vec<ShadowTable>, FunctionsError> {
    let Some(shadow) = context.shadow.clone() else {
        return Ok(Vec::new());
    };
    let now = context.now();
    let back = now.saturating_sub(SignedDuration::from_hours((DAYS - 1) * 24));
    let since = begin_of(day_of(back.unwrap_or(now))).max(shadow.settings.since);
    let requests = shadow.followed.requests(context, since).await?;
    let mut by_day: BTreeMap<Date, Vec<FollowedRequest>> =
        BTreeMap::from([(day_of(now), Vec::new())]);
    for request in requests {
        by_day.entry(day_of(request.at)).or_default().push(request);
    }
    let registered = registered(context).await?;
    let mut changed = Vec::new();
    for (day, requests) in by_day {
        let known = stored(context, day).await?.map(|(table, _)| table);
        let mut fresh = FreshRows::default();
        for request in &requests {
            let id = request_id(&shadow.settings, request);
            let Some(mirrored) = context.store.index.request(id).await? else {
                continue;
            };
            if request.is_cancelled || mirrored.state == RequestState::Cancelled {
                fresh.cancelled.insert(id);
                continue;
            }
            for pair in mapped(&shadow.settings, request, &registered) {
                let sides = (request, &mirrored);
                let row = row(context, &shadow, sides, pair, known.as_ref()).await?;
                fresh.rows.extend(row);
            }
        }
        changed.extend(keep(context, &shadow, day, fresh).await?);
    }
    Ok(changed)
}

/// The table of a day, where one was kept.
///
/// # Errors
/// When the store fails.
pub async fn table_of(context: &Context, day: Date) -> Result<Option<ShadowTable>, FunctionsError> {
    Ok(stored(context, day).await?.map(|(table, _)| table))
}

/// The table of the last day of which one was kept.
///
/// # Errors
/// When the store fails.
pub async fn last_table(context: &Context) -> Result<Option<ShadowTable>, FunctionsError> {
    let mut last: Option<String> = None;
    let mut after: Option<String> = None;
    loop {
        let objects = &context.store.objects;
        let page = objects.list(PREFIX, after.as_deref(), PAGE_OBJECTS).await?;
        last = page.keys.last().cloned().or(last);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    match last.as_deref().map(str::parse) {
        Some(Ok(ObjectKey::ShadowTable { day })) => table_of(context, day).await,
        _ => Ok(None),
    }
}

/// What is known of a day now.
#[derive(Default)]
struct FreshRows {
    rows: Vec<ShadowRow>,
    /// Requests that nobody waits for any more: no verdict of them is missing.
    cancelled: BTreeSet<RequestId>,
}

/// The row of a mirrored request under a pair of configurations, or none where it compares nothing.
async fn row(
    context: &Context,
    shadow: &Shadow,
    (request, mirrored): (&FollowedRequest, &Request),
    (their_configuration, configuration): (ConfigurationId, ConfigurationId),
    known: Option<&ShadowTable>,
) -> Result<Option<ShadowRow>, FunctionsError> {
    let id = mirrored.id;
    let Some(base) = &mirrored.base else {
        return Ok(None);
    };
    let made = comparisons(context, id, &configuration).await?;
    let ours: Vec<MetricName> = made.keys().cloned().collect();
    let pair = (&their_configuration, &configuration);
    let theirs = match settled(known, id, pair, &ours) {
        Some(settled) => Some(settled),
        None => {
            let followed = &shadow.followed;
            followed
                .verdict(context, request, &their_configuration, &ours)
                .await?
        }
    };
    let metric = match &theirs {
        Some((metric, _)) => Some(metric.clone()),
        None => common_metric(&ours, &ours),
    };
    let our_verdict = match metric.as_ref().and_then(|metric| made.get(metric)) {
        Some(reference) => Some(brief(context, reference).await?),
        None => None,
    };
    let theirs = theirs.map(|(_, theirs)| theirs);
    Ok(Some(ShadowRow {
        their_request: request.name.clone(),
        request: id,
        base: base.artifact.clone(),
        head: mirrored.head.artifact.clone(),
        their_configuration,
        configuration,
        metric,
        agreement: agreement(theirs.as_ref(), our_verdict.as_ref()),
        theirs,
        ours: our_verdict,
    }))
}

/// What the other said when the table was made last, where both had spoken in a metric that still is
/// the best: it is not asked again.
fn settled(
    known: Option<&ShadowTable>,
    request: RequestId,
    (their_configuration, configuration): (&ConfigurationId, &ConfigurationId),
    ours: &[MetricName],
) -> Option<(MetricName, VerdictInBrief)> {
    let row = known?.rows.iter().find(|row| {
        row.request == request
            && row.their_configuration == *their_configuration
            && row.configuration == *configuration
    })?;
    row.ours.as_ref()?;
    let metric = row.metric.clone().filter(|metric| ours.contains(metric))?;
    Some((metric, row.theirs.clone()?))
}

/// The comparisons of a request here under a configuration, by metric: the last of each.
async fn comparisons(
    context: &Context,
    request: RequestId,
    configuration: &ConfigurationId,
) -> Result<BTreeMap<MetricName, ComparisonReference>, FunctionsError> {
    let made = context.store.index.comparisons_of_request(request).await?;
    let mut by_metric: BTreeMap<MetricName, ComparisonReference> = BTreeMap::new();
    for reference in made {
        if reference.configuration != *configuration {
            continue;
        }
        let metric: MetricName = reference.metric.parse()?;
        let is_later = by_metric
            .get(&metric)
            .is_none_or(|known| known.computed_at <= reference.computed_at);
        if is_later {
            by_metric.insert(metric, reference);
        }
    }
    Ok(by_metric)
}

async fn brief(
    context: &Context,
    reference: &ComparisonReference,
) -> Result<VerdictInBrief, FunctionsError> {
    match compare::kept(context, reference).await? {
        Some(comparison) => Ok(in_brief(&comparison)),
        // The index still knows what came out.
        None => Ok(VerdictInBrief {
            verdict: reference.verdict,
            relevant: 0,
            largest_change: None,
            magnitude: None,
        }),
    }
}

async fn stored(
    context: &Context,
    day: Date,
) -> Result<Option<(ShadowTable, ETag)>, FunctionsError> {
    let key = ObjectKey::ShadowTable { day };
    match context.store.objects.get(&key).await? {
        Some((bytes, tag)) => Ok(Some((ShadowTable::from_json(&bytes)?, tag))),
        None => Ok(None),
    }
}

/// Keeps the rows of a day. Rows that are stored and are not among them stay: the other may have
/// forgotten a request that this environment measured. Returns the table where it changed.
async fn keep(
    context: &Context,
    shadow: &Shadow,
    day: Date,
    fresh: FreshRows,
) -> Result<Option<ShadowTable>, FunctionsError> {
    let name = &shadow.settings.name;
    let key = ObjectKey::ShadowTable { day };
    for _ in 0..ATTEMPTS_MAX {
        let known = stored(context, day).await?;
        let mut all = fresh.rows.clone();
        if let Some((known, _)) = known.as_ref().filter(|(known, _)| known.of == *name) {
            let waited_for = |row: &&ShadowRow| !fresh.cancelled.contains(&row.request);
            all.extend(known.rows.iter().filter(waited_for).cloned());
        }
        // Of two rows of one request and configuration the first stays: the one that is newer.
        let made = table(name, day, context.now(), all);
        let is_as_before = known
            .as_ref()
            .is_some_and(|(known, _)| known.rows == made.rows && known.of == made.of);
        if is_as_before {
            return Ok(None);
        }
        let json = serde_json::to_vec(&made)
            .map_err(|error| FunctionsError::Defect(format!("a table has no JSON: {error}")))?;
        let tag = known.as_ref().map(|(_, tag)| tag);
        let objects = &context.store.objects;
        if objects.replace(&key, tag, &json).await?.is_some() {
            return Ok(Some(made));
        }
    }
    Err(FunctionsError::Store(StoreError::Unavailable {
        action: format!("keeping the table of {day}"),
        reason: format!("others replaced it {ATTEMPTS_MAX} times meanwhile"),
    }))
}
