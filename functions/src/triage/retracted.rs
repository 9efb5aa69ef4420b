//! Findings that rested on results which were retracted: closed, with the reason, and opened again
//! where the retraction is taken back.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::ConfigurationId;
use shared_types::comparison::Verdict;
use shared_types::retraction::Retraction;
use shared_types::run::SidePair;
use shared_types::triage::{
    CoveredConfigurations, ReasonCode, TriageAct, TriageRecord, TriageStep, TriageWords,
};

use super::inbox::Found;
use crate::{Context, FunctionsError};

/// How often an act is tried again while others act on the same.
const ATTEMPTS_MAX: usize = 50;
/// How much of a reason is repeated in a record, in characters.
const REASON_CHARACTERS_MAX: usize = 500;

/// Notes in the records of pairs what a retraction, or its taking back, made of their findings. Noting
/// it again changes nothing.
pub(crate) async fn follow_retraction(
    context: &Context,
    retraction: &Retraction,
) -> Result<(), FunctionsError> {
    let is_worse = |verdict| matches!(verdict, Verdict::Regressed | Verdict::Mixed);
    let undone = retraction.taken_back.is_some();
    let mut wanted: BTreeMap<&SidePair, BTreeSet<&ConfigurationId>> = BTreeMap::new();
    for change in &retraction.verdict_changes {
        let is_a_a = change.sides.base.artifact == change.sides.head.artifact;
        let moved = is_worse(change.before) != is_worse(change.after);
        if moved && is_worse(change.after) == undone && !is_a_a {
            let of_pair = wanted.entry(&change.sides).or_default();
            of_pair.insert(&change.configuration);
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let found = Found::gather(context).await?;
    for (sides, configurations) in wanted {
        let Ok(finding) = found.about(sides) else {
            continue;
        };
        // Another metric may have got worse all the same.
        let settled = configurations.into_iter().filter(|id| {
            let said = finding.of(id);
            said.is_some_and(|said| said.got_worse()) == undone
        });
        let covered: Vec<ConfigurationId> = settled.cloned().collect();
        if let Ok(covered) = CoveredConfigurations::try_from(covered) {
            note(context, retraction, sides, &covered).await?;
        }
    }
    Ok(())
}

async fn note(
    context: &Context,
    retraction: &Retraction,
    sides: &SidePair,
    covered: &CoveredConfigurations,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    for _ in 0..ATTEMPTS_MAX {
        let known = index.triage_record(sides).await?;
        let mut new = known
            .clone()
            .unwrap_or_else(|| TriageRecord::beginning(sides.clone(), context.now()));
        let Some(act) = act(context, retraction, &new, covered)? else {
            return Ok(());
        };
        if new.add(act).is_err() {
            // A record that is full is discussed elsewhere.
            return Ok(());
        }
        if index.replace_triage_record(known.as_ref(), &new).await? {
            return Ok(());
        }
    }
    Err(FunctionsError::Server {
        action: format!("noting a retraction in the record of {sides}"),
        reason: "others kept acting on it at the same time; it is tried again".to_owned(),
    })
}

/// What is to be added to a record. `None` where it is there, and where there is nothing to reopen.
fn act(
    context: &Context,
    retraction: &Retraction,
    record: &TriageRecord,
    covered: &CoveredConfigurations,
) -> Result<Option<TriageAct>, FunctionsError> {
    let closing = words(retraction, "It rested on results that were retracted: ")?;
    let has_said = |wanted: &TriageWords| {
        record.acts.iter().any(|act| match &act.what {
            TriageStep::Acknowledge { words, .. } | TriageStep::Reopen { words, .. } => {
                words == wanted
            }
            _ => false,
        })
    };
    let Some(undone) = &retraction.taken_back else {
        if has_said(&closing) {
            return Ok(None);
        }
        return Ok(Some(TriageAct {
            who: retraction.by.clone(),
            at: context.now(),
            what: TriageStep::Acknowledge {
                configurations: covered.clone(),
                reason: ReasonCode::Infrastructure,
                words: closing,
                owner: retraction.by.parse()?,
                due: None,
            },
        }));
    };
    let opening = words(
        retraction,
        "The results that it rests on count again, after: ",
    )?;
    if !has_said(&closing) || has_said(&opening) {
        return Ok(None);
    }
    Ok(Some(TriageAct {
        who: undone.by.clone(),
        at: context.now(),
        what: TriageStep::Reopen {
            words: opening,
            configurations: Some(covered.clone()),
        },
    }))
}

fn words(retraction: &Retraction, introduction: &str) -> Result<TriageWords, FunctionsError> {
    let printable = |letter: &char| !letter.is_control();
    let reason: String = retraction
        .reason
        .chars()
        .filter(printable)
        .take(REASON_CHARACTERS_MAX)
        .collect();
    let text = format!("{introduction}{reason} (retraction {})", retraction.id);
    Ok(text.parse()?)
}
