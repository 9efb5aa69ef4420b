//! Triage as rules: where a regression stands, and what a week looked like. What people did is in
//! [`shared_types::triage`]; clocks and stores are elsewhere.

mod grouping;
mod pinging;
pub mod report;
mod standing;

pub use grouping::{Finding, Said, findings, inbox_order};
pub use pinging::{Reminder, reminder};
pub use standing::standing;

use serde::{Deserialize, Serialize};
use shared_types::api::TriageEntry;
use shared_types::triage::TriageRecord;

use crate::policy::Decision;

/// All that is known of a pair of sides that somebody looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriageDetail {
    /// The pair, as the inbox lists it.
    pub entry: TriageEntry,
    /// What the policy makes of what all configurations say.
    pub decision: Decision,
    /// What people did about it, and who was reminded. Absent before the first act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<TriageRecord>,
}

#[cfg(test)]
mod tests;
