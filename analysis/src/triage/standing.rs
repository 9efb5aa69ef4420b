//! Where a regression stands under one configuration: a function of what people did, the policy and
//! the time.

use jiff::{SignedDuration, Timestamp};
use shared_types::ConfigurationId;
use shared_types::api::TriageStanding;
use shared_types::triage::{ReasonCode, TriageRecord, TriageState, TriageStep, end_of};

use crate::policy::Policy;

const HOURS_OF_DAY: i64 = 24;

/// Where what was found under `configuration` at `found_at` stands at `now`.
///
/// The acts that cover the configuration are gone through in their order; each decides anew. A
/// regression that nobody has acknowledged is due as long after it was found, or after it was
/// reopened, as the policy says.
pub fn standing(
    policy: &Policy,
    record: Option<&TriageRecord>,
    configuration: &ConfigurationId,
    found_at: Timestamp,
    now: Timestamp,
) -> TriageStanding {
    let nobody_yet = |since: Timestamp| TriageStanding {
        state: TriageState::Untriaged,
        owner: policy.owner(configuration),
        since,
        reason: None,
        deadline: Some(since + days(policy.triage.acknowledge_within_days)),
        late: false,
    };
    let acts = record.map(|record| record.acts.as_slice());
    let mut standing = nobody_yet(found_at);
    for act in acts.unwrap_or_default() {
        if !act.what.covers(configuration) {
            continue;
        }
        match &act.what {
            TriageStep::Culprit { .. } => {}
            TriageStep::Reopen { .. } => standing = nobody_yet(act.at.max(found_at)),
            TriageStep::Fix { .. } => {
                standing.state = TriageState::Fixed;
                standing.since = act.at;
                standing.deadline = None;
            }
            TriageStep::Acknowledge {
                reason, owner, due, ..
            } => {
                let is_taken_back = *reason == ReasonCode::Reverted;
                standing = TriageStanding {
                    state: if is_taken_back {
                        TriageState::Fixed
                    } else {
                        TriageState::Acknowledged
                    },
                    owner: owner.to_string(),
                    since: act.at,
                    reason: Some(*reason),
                    deadline: due.filter(|_| !is_taken_back).map(end_of),
                    late: false,
                };
            }
        }
    }
    let is_past = standing.deadline.is_some_and(|deadline| now > deadline);
    standing.late = is_past && standing.state != TriageState::Fixed;
    if standing.late && standing.state == TriageState::Acknowledged {
        standing.state = TriageState::Overdue;
    }
    standing
}

fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(HOURS_OF_DAY * i64::from(count))
}
