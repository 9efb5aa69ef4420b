//! Who is to be reminded of what.

use jiff::Timestamp;
use shared_types::Tier;
use shared_types::api::TriageStanding;
use shared_types::triage::{PingReason, TriageState};

/// A reminder that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// What of.
    pub reason: PingReason,
    /// The deadline that was missed.
    pub deadline: Timestamp,
}

/// The reminder that a standing asks for: an acknowledgement is past its day, or nobody has said
/// anything of what a gating configuration found.
pub fn reminder(tier: Tier, standing: &TriageStanding) -> Option<Reminder> {
    let deadline = standing.deadline.filter(|_| standing.late)?;
    let reason = match (standing.state, tier) {
        (TriageState::Overdue, _) => PingReason::Overdue,
        (TriageState::Untriaged, Tier::Gating) => PingReason::Untriaged,
        _ => return None,
    };
    Some(Reminder { reason, deadline })
}
