//! One cause after the other.

use std::collections::BTreeMap;

use super::candidates::{Candidate, Shape};
use super::evidence::Evidence;
use super::fit::{Fit, Residuals};
use super::interval::{CrateMean, Interval, interval};

/// More explanations than these explain nothing to a reader.
const CAUSES_MAX: usize = 4;

/// How much likelier than chance an explanation has to be, in units of log-likelihood, when all its
/// costs are paid.
const EVIDENCE_MIN: f64 = 2.0;

/// How often the scatter that all test cases have is estimated anew, without what is explained.
const ROUNDS: usize = 2;

/// How much log-likelihood a normal number of deviation 1 loses on average.
const SURPRISE_OF_NOISE: f64 = 0.5;

/// What is left of the changes, and the variance of each.
struct Left {
    changes: Vec<f64>,
    variances: Vec<f64>,
}

/// An explanation that was found.
#[derive(Debug, Clone)]
pub(super) struct Cause<'a> {
    /// Which test cases.
    pub(super) candidate: &'a Candidate,
    /// By how much they changed.
    pub(super) interval: Interval,
    /// Which share of all that changed this is.
    pub(super) share: f64,
    fit: Fit,
}

/// The causes of the changes, the best first.
pub(super) fn find_causes<'a>(
    evidence: &Evidence,
    candidates: &'a [Candidate],
    smallest: f64,
) -> Vec<Cause<'a>> {
    let mut search = Search {
        evidence,
        candidates,
        smallest: smallest.ln_1p(),
        scatter_of: evidence.changes.clone(),
    };
    let mut causes = search.one_after_the_other();
    for _ in 1..ROUNDS {
        if causes.is_empty() {
            break;
        }
        search.scatter_of = search.without(&causes, None, true).changes;
        causes = search.one_after_the_other();
    }
    causes.sort_by(|a, b| b.fit.score.total_cmp(&a.fit.score));
    search.share_out(&mut causes);
    causes
}

/// Each candidate with the score that it has at most, the highest first.
fn most_promising_first<'a>(
    candidates: &'a [Candidate],
    residuals: &Residuals<'_>,
) -> Vec<(&'a Candidate, f64)> {
    let mut promising: Vec<(&Candidate, f64)> = candidates
        .iter()
        .map(|candidate| (candidate, residuals.score_at_most(candidate)))
        .filter(|(_, score)| *score > EVIDENCE_MIN)
        .collect();
    promising.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    promising
}

struct Search<'e, 'a> {
    evidence: &'e Evidence,
    candidates: &'a [Candidate],
    smallest: f64,
    /// What the scatter that all test cases have is estimated from.
    scatter_of: Vec<f64>,
}

impl<'a> Search<'_, 'a> {
    fn one_after_the_other(&self) -> Vec<Cause<'a>> {
        let greedy = self.continued(Vec::new());
        if greedy.len() < 2 {
            return greedy;
        }
        // Of several causes, the greatest group is not always the best to begin with.
        let started = self.starts().into_iter();
        let alternatives = started.map(|start| self.continued(vec![start]));
        let mut best = (self.score(&greedy), greedy);
        for causes in alternatives {
            let score = self.score(&causes);
            if score > best.0 {
                best = (score, causes);
            }
        }
        best.1
    }

    /// The causes that follow after those that are known.
    fn continued(&self, mut causes: Vec<Cause<'a>>) -> Vec<Cause<'a>> {
        while causes.len() < CAUSES_MAX {
            let known = causes.len();
            let Some(next) = self.best(&causes, None) else {
                break;
            };
            causes.push(next);
            self.look_again(&mut causes);
            // One that puts another out of work could go on for ever.
            if causes.len() <= known {
                break;
            }
        }
        causes
    }

    /// The best group by each combination of attributes.
    fn starts(&self) -> Vec<Cause<'a>> {
        let left = self.without(&[], None, false);
        let residuals = Residuals::new(&left.changes, &left.variances, &self.evidence.crate_of);
        let mut by_shape: BTreeMap<Shape, Cause<'a>> = BTreeMap::new();
        for (candidate, score_at_most) in most_promising_first(self.candidates, &residuals) {
            let known = by_shape.get(&candidate.shape);
            let to_beat = known.map_or(EVIDENCE_MIN, |known| known.fit.score);
            if score_at_most <= to_beat {
                continue;
            }
            let fit = residuals.fit(candidate).filter(|fit| fit.score > to_beat);
            let Some(fit) = fit else { continue };
            if let Some(interval) = self.interval(candidate, &fit, &left) {
                let start = Cause {
                    candidate,
                    interval,
                    share: 0.0,
                    fit,
                };
                by_shape.insert(candidate.shape, start);
            }
        }
        by_shape.into_values().collect()
    }

    /// How well causes explain the changes together, less what they cost.
    fn score(&self, causes: &[Cause<'a>]) -> f64 {
        let mut score = 0.0;
        for (place, cause) in causes.iter().enumerate() {
            let left = self.without(&causes[..place], None, true);
            let residuals = Residuals::new(&left.changes, &left.variances, &self.evidence.crate_of);
            let gain = residuals.gain_of(cause.candidate, &cause.fit);
            score += gain - (cause.fit.gain - cause.fit.score) - EVIDENCE_MIN;
        }
        score
    }

    /// Looks for each cause once more, now that the others are known.
    fn look_again(&self, causes: &mut Vec<Cause<'a>>) {
        if causes.len() < 2 {
            return;
        }
        let mut place = 0;
        while place < causes.len() {
            match self.best(causes, Some(place)) {
                Some(better) => {
                    causes[place] = better;
                    place += 1;
                }
                None => {
                    causes.remove(place);
                }
            }
        }
    }

    /// The best explanation of what all causes but the `skipped` one leave.
    fn best(&self, causes: &[Cause<'a>], skipped: Option<usize>) -> Option<Cause<'a>> {
        let crate_of = &self.evidence.crate_of;
        let left = self.without(causes, skipped, false);
        let residuals = Residuals::new(&left.changes, &left.variances, crate_of);
        // How crates differ in the causes that are known is no cause of its own.
        let bare = self.without(causes, skipped, true);
        let bare = Residuals::new(&bare.changes, &bare.variances, crate_of);
        let is_new = |candidate: &Candidate| {
            causes.is_empty() || bare.fit(candidate).is_some_and(|fit| self.is_enough(&fit))
        };
        let mut best: Option<Cause<'a>> = None;
        for (candidate, score_at_most) in most_promising_first(self.candidates, &residuals) {
            let to_beat = best.as_ref().map_or(EVIDENCE_MIN, |best| best.fit.score);
            if score_at_most <= to_beat {
                break;
            }
            let Some(fit) = residuals.fit(candidate) else {
                continue;
            };
            if fit.score <= to_beat || !self.is_enough(&fit) {
                continue;
            }
            let Some(interval) = self.interval(candidate, &fit, &left) else {
                continue;
            };
            let is_sure = interval.low * interval.high > 0.0;
            if is_sure && is_new(candidate) {
                best = Some(Cause {
                    candidate,
                    interval,
                    share: 0.0,
                    fit,
                });
            }
        }
        best
    }

    fn is_enough(&self, fit: &Fit) -> bool {
        fit.score > EVIDENCE_MIN && fit.change.abs() >= self.smallest
    }

    /// What all causes but the `skipped` one leave of each change, and its variance: without the
    /// effects of single crates that they have, too, where these are `bare`.
    fn without(&self, causes: &[Cause<'a>], skipped: Option<usize>, bare: bool) -> Left {
        let mut changes = self.evidence.changes.clone();
        let mut spread = vec![0.0; changes.len()];
        for (place, cause) in causes.iter().enumerate() {
            if Some(place) == skipped {
                continue;
            }
            let fit = &cause.fit;
            let crate_of = &self.evidence.crate_of;
            let members = &cause.candidate.members;
            let crates = members.chunk_by(|a, b| crate_of[*a] == crate_of[*b]);
            for (members, effect) in crates.zip(&fit.of_crates) {
                for member in members {
                    changes[*member] -= fit.change + if bare { *effect } else { 0.0 };
                    spread[*member] +=
                        fit.within_crates + if bare { 0.0 } else { fit.between_crates };
                }
            }
        }
        Left {
            variances: self.evidence.variances(&self.scatter_of, &spread),
            changes,
        }
    }

    fn interval(&self, candidate: &Candidate, fit: &Fit, left: &Left) -> Option<Interval> {
        let mut crates = vec![CrateMean::default(); self.evidence.crates];
        for member in &candidate.members {
            let of_crate = &mut crates[self.evidence.crate_of[*member]];
            of_crate.add(
                left.changes[*member],
                left.variances[*member] + fit.within_crates,
            );
        }
        interval(&crates)
    }

    /// Which share of the surprise each cause takes away, of all that is more than noise.
    fn share_out(&self, causes: &mut [Cause<'a>]) {
        let left = self.without(&[], None, false);
        let residuals = Residuals::new(&left.changes, &left.variances, &self.evidence.crate_of);
        let everything: Vec<usize> = (0..left.changes.len()).collect();
        let all = residuals.surprise_of(&everything);
        let expected = SURPRISE_OF_NOISE * everything.len() as f64;
        let gained: f64 = causes.iter().map(|cause| cause.fit.gain).sum();
        let total = (all - expected).max(gained);
        for cause in causes {
            cause.share = (cause.fit.gain / total).clamp(0.0, 1.0);
        }
    }
}
