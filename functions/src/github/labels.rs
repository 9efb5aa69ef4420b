//! Which labels a pull request is to have, by what the policy makes of its last request.

use analysis::policy::{Consequence, Decision, Opinion};
use shared_types::Tier;
use shared_types::comparison::Verdict;
use shared_types::pull_request::PullRequest;
use shared_types::request::{Request, RequestState};

use super::pull_requests::update;
use super::settings::LabelNames;
use super::{Access, GitHubError};
use crate::{Context, FunctionsError};

/// What is to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LabelChanges {
    /// To be set.
    pub(super) add: Vec<String>,
    /// To be taken away.
    pub(super) remove: Vec<String>,
}

/// The changes that a decision asks for. `there` are the labels of the pull request, `ours` those of
/// them that we have set: what people set, we never take away.
///
/// Gating configurations label, advisory ones once they are confirmed, experimental ones never; a
/// decision that is still incomplete takes nothing away.
pub(super) fn label_changes(
    names: &LabelNames,
    state: RequestState,
    decision: &Decision,
    there: &[String],
    ours: &[String],
) -> LabelChanges {
    let labels = |opinion: &&Opinion| match opinion.tier {
        Tier::Gating | Tier::Advisory => {
            matches!(
                opinion.consequence,
                Consequence::Blocks | Consequence::Labels
            )
        }
        Tier::Experimental => false,
    };
    let says = |wanted: &[Verdict]| {
        let mut labelling = decision.opinions.iter().filter(labels);
        labelling.any(|opinion| opinion.verdict.is_some_and(|said| wanted.contains(&said)))
    };
    let worse = says(&[Verdict::Regressed, Verdict::Mixed]);
    let better = says(&[Verdict::Improved]) && !worse;
    let is_settled = state.is_final() && decision.verdict != Verdict::Incomplete;
    let is_there = |name: &String| there.contains(name);
    let is_triaged = names.triaged.as_ref().is_some_and(is_there);
    let mut changes = LabelChanges::default();
    let mut want = |name: &Option<String>, wanted: bool, may_go: bool| {
        let Some(name) = name else { return };
        if wanted && !there.contains(name) {
            changes.add.push(name.clone());
        } else if !wanted && may_go && there.contains(name) && ours.contains(name) {
            changes.remove.push(name.clone());
        }
    };
    if !is_triaged {
        want(&names.regression, worse, is_settled);
    }
    want(&names.improvement, better && is_settled, is_settled);
    want(&names.waiting, !state.is_final(), true);
    changes
}

/// Brings the labels of a pull request up to date with its last request.
///
/// # Errors
/// When GitHub or the store fails. Trying again later is safe.
pub(super) async fn bring_up_to_date(
    context: &Context,
    access: &Access,
    record: &PullRequest,
    request: &Request,
    decision: &Decision,
) -> Result<(), FunctionsError> {
    let is_last = record
        .requests
        .last()
        .is_some_and(|last| last.request == request.id);
    if !is_last || request.is_a_a() {
        return Ok(());
    }
    let there = match access.api.labels_of(&record.id).await {
        Ok(there) => there,
        // The pull request went with its repository.
        Err(GitHubError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let ours: Vec<String> = record
        .requests
        .iter()
        .flat_map(|linked| linked.labels.iter().cloned())
        .collect();
    let names = &access.settings.labels;
    let changes = label_changes(names, request.state, decision, &there, &ours);
    if changes == LabelChanges::default() {
        return Ok(());
    }
    // Noted first: a label whose setter died right after setting it is still known as ours.
    update(context, &record.id, |record| {
        for linked in &mut record.requests {
            if linked.request == request.id {
                linked.labels.extend(changes.add.iter().cloned());
                linked.labels.sort();
                linked.labels.dedup();
            }
        }
    })
    .await?;
    if !changes.add.is_empty() {
        access.api.add_labels(&record.id, &changes.add).await?;
    }
    for label in &changes.remove {
        access.api.remove_label(&record.id, label).await?;
    }
    tracing::info!(add = ?changes.add, remove = ?changes.remove, "labels were changed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use analysis::policy::{Family, Rule};
    use shared_types::request::RequestState::{Done, Running};

    use super::*;

    fn decision(verdict: Verdict, opinions: &[(Tier, Verdict, Consequence)]) -> Decision {
        Decision {
            verdict,
            sentence: String::new(),
            rule: Rule::NoChangeThatCounts,
            blocks: false,
            decided_by: None,
            family: family(),
            open: None,
            opinions: opinions
                .iter()
                .map(|(tier, verdict, consequence)| Opinion {
                    configuration: "c".parse().unwrap(),
                    tier: *tier,
                    weight: 1.0,
                    verdict: Some(*verdict),
                    confirmed: false,
                    consequence: *consequence,
                    family: None,
                    metrics: Vec::new(),
                    sentence: String::new(),
                })
                .collect(),
        }
    }

    fn family() -> Family {
        Family {
            rate: 0.01,
            questions: 0,
            expected: 0,
            without_p: 0,
            cut_off: None,
            called: 0,
        }
    }

    fn changes(
        state: RequestState,
        decision: &Decision,
        there: &[&str],
        ours: &[&str],
    ) -> LabelChanges {
        let names = LabelNames {
            improvement: Some("perf-improvement".to_owned()),
            waiting: Some("S-waiting-on-perf".to_owned()),
            ..LabelNames::default()
        };
        let owned = |labels: &[&str]| {
            labels
                .iter()
                .map(|one| (*one).to_owned())
                .collect::<Vec<_>>()
        };
        label_changes(&names, state, decision, &owned(there), &owned(ours))
    }

    #[test]
    fn a_regression_of_a_gating_configuration_is_labelled_at_once() {
        let blocked = decision(
            Verdict::Incomplete,
            &[(Tier::Gating, Verdict::Regressed, Consequence::Blocks)],
        );
        let changes = changes(Running, &blocked, &["S-waiting-on-perf"], &[]);
        assert_eq!(changes.add, ["perf-regression"]);
        assert!(changes.remove.is_empty());
    }

    #[test]
    fn an_advisory_regression_waits_for_confirmation_and_an_experimental_one_is_never_labelled() {
        for (tier, consequence, labelled) in [
            (Tier::Advisory, Consequence::AwaitsConfirmation, false),
            (Tier::Advisory, Consequence::Labels, true),
            (Tier::Experimental, Consequence::Labels, false),
        ] {
            let said = decision(Verdict::Neutral, &[(tier, Verdict::Regressed, consequence)]);
            let changes = changes(Done, &said, &[], &[]);
            assert_eq!(!changes.add.is_empty(), labelled, "{tier} {consequence:?}");
        }
    }

    #[test]
    fn what_somebody_has_triaged_is_left_alone() {
        let blocked = decision(
            Verdict::Regressed,
            &[(Tier::Gating, Verdict::Regressed, Consequence::Blocks)],
        );
        let changes = changes(Done, &blocked, &["perf-regression-triaged"], &[]);
        assert_eq!(changes, LabelChanges::default());
    }

    #[test]
    fn a_label_that_is_no_longer_true_goes_if_it_was_ours() {
        let neutral = decision(Verdict::Neutral, &[]);
        let there = ["perf-regression", "S-waiting-on-perf"];
        let ours = changes(Done, &neutral, &there, &there);
        assert_eq!(ours.remove, there);
        assert!(changes(Done, &neutral, &there, &[]).remove.is_empty());
        // Not before all have answered.
        let open = decision(Verdict::Incomplete, &[]);
        assert!(changes(Running, &open, &there, &there).remove.is_empty());
    }

    #[test]
    fn an_improvement_beside_a_regression_is_none() {
        let conflict = decision(
            Verdict::Conflict,
            &[
                (Tier::Gating, Verdict::Improved, Consequence::Labels),
                (Tier::Gating, Verdict::Regressed, Consequence::Blocks),
            ],
        );
        assert_eq!(changes(Done, &conflict, &[], &[]).add, ["perf-regression"]);
        let better = decision(
            Verdict::Improved,
            &[(Tier::Gating, Verdict::Improved, Consequence::Labels)],
        );
        assert_eq!(changes(Done, &better, &[], &[]).add, ["perf-improvement"]);
    }
}
