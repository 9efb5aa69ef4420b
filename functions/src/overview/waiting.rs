//! What waits for a person: of triage, of queues, of files.

use std::collections::BTreeMap;

use shared_types::api::{Attention, DeadLetterCount, RegressionCounts, TriageEntry};
use shared_types::triage::TriageState;
use shared_types::{ConfigurationId, ObjectKey};
use store::QueueName;

use crate::triage::{self, InboxFilter};
use crate::{Context, FunctionsError};

/// How many of the problems that were reported last are looked at.
const PROBLEMS_MAX: u32 = 50;

/// What waits, and the regressions of each configuration.
pub(super) struct Waiting {
    pub(super) attention: Attention,
    pub(super) regressions: BTreeMap<ConfigurationId, RegressionCounts>,
}

pub(super) async fn gather(context: &Context) -> Result<Waiting, FunctionsError> {
    let mut entries = triage::entries(context, &InboxFilter::default()).await?;
    entries.retain(|entry| entry.state != TriageState::Fixed);
    triage::with_decisions(context, &mut entries).await?;
    let in_state = |state: TriageState| {
        let of_state = entries.iter().filter(|entry| entry.state == state);
        of_state.count() as u32
    };
    let conflicts = entries
        .iter()
        .filter(|entry| entry.conflict && entry.state.is_open());
    let problems = context.store.index.problems(PROBLEMS_MAX).await?;
    let refused = problems
        .iter()
        .filter(|problem| problem.subject.parse::<ObjectKey>().is_ok());
    Ok(Waiting {
        attention: Attention {
            untriaged: in_state(TriageState::Untriaged),
            overdue: in_state(TriageState::Overdue),
            conflicts: conflicts.count() as u32,
            dead_letters: dead_letters(context).await?,
            refused_files: refused.count() as u32,
        },
        regressions: by_configuration(&entries),
    })
}

fn by_configuration(entries: &[TriageEntry]) -> BTreeMap<ConfigurationId, RegressionCounts> {
    let mut counts: BTreeMap<ConfigurationId, RegressionCounts> = BTreeMap::new();
    for one in entries.iter().flat_map(|entry| &entry.configurations) {
        let Some(standing) = &one.standing else {
            continue;
        };
        let of_one = counts.entry(one.configuration.clone()).or_default();
        match standing.state {
            TriageState::Untriaged => of_one.untriaged += 1,
            TriageState::Overdue => of_one.overdue += 1,
            TriageState::Acknowledged => of_one.acknowledged += 1,
            TriageState::Fixed => {}
        }
    }
    counts
}

/// The queues that have any.
async fn dead_letters(context: &Context) -> Result<Vec<DeadLetterCount>, FunctionsError> {
    let mut queues = QueueName::OF_FUNCTIONS.to_vec();
    let configurations = context.store.index.configurations().await?;
    queues.extend(
        configurations
            .into_iter()
            .map(|one| QueueName::Jobs(one.id)),
    );
    let mut found = Vec::new();
    for queue in queues {
        let messages = context.store.queue.depth(&queue).await?.dead;
        if messages > 0 {
            found.push(DeadLetterCount {
                queue: queue.to_string(),
                messages,
            });
        }
    }
    Ok(found)
}
