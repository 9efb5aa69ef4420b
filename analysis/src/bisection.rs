//! Which artifact of a range to measure next, to find the one from which on a test case is slower or
//! faster; and when it is found.
//!
//! Every place at which the change may have happened has a probability, given what was measured: the
//! values before it scatter around that of the first artifact, those from it on around that of the
//! last. Measured next is what splits this probability most evenly, so that a clear change among `n`
//! artifacts takes log2(n) measurings, and an unclear value costs a further one instead of the wrong
//! answer.

use serde::{Deserialize, Serialize};
use shared_types::ArtifactId;

/// An artifact of a range, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The artifact.
    pub artifact: ArtifactId,
    /// What is known.
    pub known: Known,
}

/// What is known of an artifact.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// It is being measured.
    Asked,
    /// A value of each replicate, one at least, all above zero.
    Measured(Vec<f64>),
    /// It was tried, and there is no value.
    Unmeasurable,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// This is to be measured, or measured once more.
    Measure {
        /// The artifact.
        artifact: ArtifactId,
    },
    /// This is being measured.
    Wait {
        /// The artifact.
        artifact: ArtifactId,
    },
    /// The first artifact of the new level.
    Found {
        /// The artifact.
        artifact: ArtifactId,
        /// The one before, of the old level.
        before: ArtifactId,
        /// How likely it is that one, up to 1.
        probability: f64,
    },
    /// It is one of several, of which no more can be found out.
    Among {
        /// The last artifact that is known to be of the old level.
        after: ArtifactId,
        /// The first artifact that is known to be of the new level.
        until: ArtifactId,
        /// Why not.
        reason: String,
    },
    /// There is nothing to find between the two ends.
    Nothing {
        /// Why not.
        reason: String,
    },
}

/// So likely a place must be to be the answer.
const CERTAIN: f64 = 0.95;
/// Two levels that are closer than so many deviations of noise are not told apart.
const NOISES_MIN: f64 = 3.0;
/// So many replicates of one artifact are measured at most.
const REPLICATES_MAX: usize = 5;
/// What one value can say at most, as a logarithm: a single bad run decides nothing.
const LOG_LIKELIHOOD_MIN: f64 = -8.0;

/// What comes next in the search for a change in `line`, which begins with an artifact of the old
/// level and ends with one of the new. `noise` is the relative scatter of a measuring, as a standard
/// deviation: 0.01 is 1 %.
pub fn next_step(line: &[Candidate], noise: f64) -> Step {
    let [first, .., last] = line else {
        return Step::Nothing {
            reason: "the range has fewer than two artifacts".to_owned(),
        };
    };
    let mut levels = [0.0; 2];
    for (end, level) in [first, last].into_iter().zip(&mut levels) {
        match &end.known {
            Known::Measured(values) => *level = mean_of_logarithms(values),
            Known::Unmeasurable => {
                return Step::Nothing {
                    reason: format!(
                        "{} could not be measured: choose another end of the range",
                        end.artifact
                    ),
                };
            }
            _ => return ask_for(end),
        }
    }
    // Never zero: what scatters not at all is still measured in whole units.
    let noise = if noise.is_finite() {
        noise.max(1e-6)
    } else {
        1.0
    };
    let distance = (levels[1] - levels[0]).abs();
    if distance < NOISES_MIN * noise {
        return Step::Nothing {
            reason: format!(
                "the two ends differ by {:.2} %, which is less than {NOISES_MIN} times the noise of \
                 {:.2} %",
                distance * 100.0,
                noise * 100.0
            ),
        };
    }
    let posterior = Posterior::of(line, levels, noise);
    posterior
        .answer(line)
        .unwrap_or_else(|| posterior.next(line))
}

fn ask_for(candidate: &Candidate) -> Step {
    let artifact = candidate.artifact.clone();
    match candidate.known {
        Known::Asked => Step::Wait { artifact },
        _ => Step::Measure { artifact },
    }
}

fn mean_of_logarithms(values: &[f64]) -> f64 {
    values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64
}

/// How likely each artifact but the first is the first of the new level.
struct Posterior {
    /// Of the artifact at each place; 0 at the first.
    probability: Vec<f64>,
}

impl Posterior {
    fn of(line: &[Candidate], levels: [f64; 2], noise: f64) -> Self {
        let log_likelihood = |candidate: &Candidate, level: f64| match &candidate.known {
            Known::Measured(values) => values
                .iter()
                .map(|value| {
                    let deviations = (value.ln() - level) / noise;
                    (-deviations * deviations / 2.0).max(LOG_LIKELIHOOD_MIN)
                })
                .sum::<f64>(),
            _ => 0.0,
        };
        // From "all but the first are new" on, one after the other becomes old.
        let mut sum: f64 = line[1..]
            .iter()
            .map(|one| log_likelihood(one, levels[1]))
            .sum();
        let mut logarithms = vec![f64::NEG_INFINITY];
        for candidate in &line[1..] {
            logarithms.push(sum);
            sum += log_likelihood(candidate, levels[0]) - log_likelihood(candidate, levels[1]);
        }
        let largest = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logarithms.iter().map(|one| (one - largest).exp()).collect();
        let all: f64 = weights.iter().sum();
        Self {
            probability: weights.into_iter().map(|weight| weight / all).collect(),
        }
    }

    /// The answer, once the change lies with certainty between two measured artifacts of which
    /// nothing between them can be measured.
    fn answer(&self, line: &[Candidate]) -> Option<Step> {
        let measured = |place: &usize| matches!(line[*place].known, Known::Measured(_));
        let places: Vec<usize> = (0..line.len()).filter(measured).collect();
        for pair in places.windows(2) {
            let (before, from) = (pair[0], pair[1]);
            let probability: f64 = self.probability[before + 1..=from].iter().sum();
            if probability < CERTAIN {
                continue;
            }
            if from == before + 1 {
                return Some(Step::Found {
                    artifact: line[from].artifact.clone(),
                    before: line[before].artifact.clone(),
                    probability,
                });
            }
            let mut between = line[before + 1..from].iter();
            if between.all(|one| one.known == Known::Unmeasurable) {
                return Some(Step::Among {
                    after: line[before].artifact.clone(),
                    until: line[from].artifact.clone(),
                    reason: format!(
                        "none of the {} artifacts between them can be measured",
                        from - before - 1
                    ),
                });
            }
        }
        None
    }

    /// What splits the probability most evenly: of what was not measured, where that can still tell
    /// something, else once more of what was.
    fn next(&self, line: &[Candidate]) -> Step {
        let mut below = 0.0;
        // How far from half the probability is that the change happened up to a place.
        let unevenness: Vec<f64> = self
            .probability
            .iter()
            .map(|probability| {
                below += probability;
                (below - 0.5_f64).abs()
            })
            .collect();
        let best = |is_possible: &dyn Fn(&Known) -> bool| {
            let inner = 1..line.len() - 1;
            inner
                .filter(|place| is_possible(&line[*place].known))
                .min_by(|one, other| unevenness[*one].total_cmp(&unevenness[*other]))
        };
        let new = best(&|known| matches!(known, Known::Nothing | Known::Asked));
        if let Some(place) = new.filter(|place| unevenness[*place] < CERTAIN - 0.5) {
            return ask_for(&line[place]);
        }
        let again = best(&|known| match known {
            Known::Measured(values) => values.len() < REPLICATES_MAX,
            _ => false,
        });
        if let Some(place) = again.or(new) {
            return ask_for(&line[place]);
        }
        Step::Among {
            after: line[0].artifact.clone(),
            until: line[line.len() - 1].artifact.clone(),
            reason: format!(
                "the values between them are of neither level, after {REPLICATES_MAX} replicates of \
                 each"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
