//! How well one common change explains a group.
//!
//! Each crate of the group has an effect of its own around the common change, and each test case
//! one around its crate's. What is compared is the likelihood with the effects of the crates
//! integrated out (Laplace's approximation), so that many test cases of one crate that agree are not
//! taken for many crates that agree.

use super::candidates::Candidate;

/// Degrees of freedom of the changes around the common one: fewer are heavier tails.
const DEGREES: f64 = 6.0;

/// How much crates, and test cases of a crate, spread around the common change, relative to it.
const SPREADS: [(f64, f64); 6] = [
    (0.0, 0.0),
    (0.3, 0.0),
    (0.6, 0.0),
    (1.0, 0.0),
    (0.3, 0.3),
    (1.0, 0.6),
];

/// What each spread costs, in units of log-likelihood.
const SPREAD_COST: f64 = 0.5;

/// A sum of changes below so many standard errors is not worth a closer look.
const SCREEN: f64 = 2.0;

/// Beyond so many standard errors a change counts as so many in that sum.
const CLAMP: f64 = 2.5;

/// How often the common change and the effects of the crates are improved in turn.
const STEPS: usize = 3;

/// What is left to be explained, with all that can be computed once for all groups.
pub(super) struct Residuals<'a> {
    changes: &'a [f64],
    variances: &'a [f64],
    crate_of: &'a [usize],
    precisions: Vec<f64>,
    clamped: Vec<f64>,
    surprises: Vec<f64>,
}

/// The common change of a group.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// The change, on the log scale.
    pub(super) change: f64,
    /// How each crate's effect differs from it, in the order of the crates.
    pub(super) of_crates: Vec<f64>,
    /// The variance of the effects of crates.
    pub(super) between_crates: f64,
    /// The variance of effects on the test cases of a crate.
    pub(super) within_crates: f64,
    /// By how much it raises the log-likelihood.
    pub(super) gain: f64,
    /// The gain less what the description and its numbers cost.
    pub(super) score: f64,
}

impl<'a> Residuals<'a> {
    /// `crate_of` is ascending: the test cases of a crate stand together.
    pub(super) fn new(changes: &'a [f64], variances: &'a [f64], crate_of: &'a [usize]) -> Self {
        let each = || changes.iter().zip(variances);
        Self {
            changes,
            variances,
            crate_of,
            precisions: variances
                .iter()
                .map(|variance| variance.sqrt().recip())
                .collect(),
            clamped: each()
                .map(|(change, variance)| (change / variance.sqrt()).clamp(-CLAMP, CLAMP))
                .collect(),
            surprises: each()
                .map(|(change, variance)| surprise(change * change / variance))
                .collect(),
        }
    }

    /// The log-likelihood that is lost by explaining nothing, summed over these places.
    pub(super) fn surprise_of(&self, members: &[usize]) -> f64 {
        members.iter().map(|place| self.surprises[*place]).sum()
    }

    /// No fit of this group has a score above this one.
    pub(super) fn score_at_most(&self, candidate: &Candidate) -> f64 {
        self.surprise_of(&candidate.members) - cost(candidate)
    }

    /// The best common change of a group, where there may be one.
    pub(super) fn fit(&self, candidate: &Candidate) -> Option<Fit> {
        let members = &candidate.members;
        let without = self.surprise_of(members);
        let cost = cost(candidate);
        if without <= cost || !self.is_worth_a_look(members) {
            return None;
        }
        let crates: Vec<&[usize]> = members
            .chunk_by(|a, b| self.crate_of[*a] == self.crate_of[*b])
            .collect();
        let start = self.weighted_median(members)?;
        let mut best: Option<Fit> = None;
        for (between, within) in SPREADS {
            // The effect of a single crate is the common change.
            if between > 0.0 && crates.len() == 1 && (between, within) != (0.3, 0.3) {
                continue;
            }
            let between = if crates.len() == 1 { 0.0 } else { between };
            let spread_cost = SPREAD_COST * (f64::from(between > 0.0) + f64::from(within > 0.0));
            let mut model = Model {
                residuals: self,
                between: (between * start).powi(2),
                within: (within * start).powi(2),
                change: start,
                of_crates: vec![0.0; crates.len()],
            };
            model.settle(&crates);
            let gain = without - model.surprise(&crates);
            let score = gain - cost - spread_cost;
            if best.as_ref().is_none_or(|best| score > best.score) {
                best = Some(Fit {
                    change: model.change,
                    of_crates: model.of_crates,
                    between_crates: model.between,
                    within_crates: model.within,
                    gain,
                    score,
                });
            }
        }
        best
    }

    /// By how much a fit that was made of other residuals raises the log-likelihood of these.
    pub(super) fn gain_of(&self, candidate: &Candidate, fit: &Fit) -> f64 {
        let members = &candidate.members;
        let crates: Vec<&[usize]> = members
            .chunk_by(|a, b| self.crate_of[*a] == self.crate_of[*b])
            .collect();
        let model = Model {
            residuals: self,
            between: fit.between_crates,
            within: fit.within_crates,
            change: fit.change,
            of_crates: fit.of_crates.clone(),
        };
        self.surprise_of(members) - model.surprise(&crates)
    }

    /// Whether the group as a whole goes one way, each test case counted alike or by its precision.
    fn is_worth_a_look(&self, members: &[usize]) -> bool {
        let (mut alike, mut precise, mut weight) = (0.0, 0.0, 0.0);
        for place in members {
            alike += self.clamped[*place];
            precise += self.clamped[*place] * self.precisions[*place];
            weight += self.precisions[*place].powi(2);
        }
        alike.abs() >= SCREEN * (members.len() as f64).sqrt()
            || precise.abs() >= SCREEN * weight.sqrt()
    }

    fn weighted_median(&self, members: &[usize]) -> Option<f64> {
        let mut ascending: Vec<(f64, f64)> = members
            .iter()
            .map(|place| (self.changes[*place], self.precisions[*place]))
            .collect();
        ascending.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let half = ascending.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
        let mut below = 0.0;
        let middle = ascending.iter().find(|(_, weight)| {
            below += weight;
            below >= half
        });
        middle.map(|(change, _)| *change)
    }
}

/// A common change of a group, and how crates and test cases spread around it.
struct Model<'r, 'a> {
    residuals: &'r Residuals<'a>,
    between: f64,
    within: f64,
    change: f64,
    of_crates: Vec<f64>,
}

impl Model<'_, '_> {
    /// Finds the most likely common change and effects of crates.
    fn settle(&mut self, crates: &[&[usize]]) {
        for _ in 0..STEPS {
            self.improve(crates);
        }
    }

    /// The log-likelihood that is still lost.
    fn surprise(&self, crates: &[&[usize]]) -> f64 {
        let mut lost = 0.0;
        for (members, effect) in crates.iter().zip(&self.of_crates) {
            let mut weights = 0.0;
            let (mut tails, mut ratios) = (Logarithms::default(), Logarithms::default());
            for place in *members {
                let own = self.residuals.variances[*place];
                let variance = own + self.within;
                let residual = self.residuals.changes[*place] - self.change - effect;
                let squared = residual * residual / variance;
                tails.add(1.0 + squared / DEGREES);
                ratios.add(variance / own);
                weights += weight(squared) / variance;
            }
            let mut of_crate = (DEGREES + 1.0) / 2.0 * tails.sum() + 0.5 * ratios.sum();
            if self.between > 0.0 {
                of_crate +=
                    0.5 * effect * effect / self.between + 0.5 * (self.between * weights).ln_1p();
            }
            lost += of_crate;
        }
        lost
    }

    fn improve(&mut self, crates: &[&[usize]]) {
        let (mut sum, mut sum_of_weights) = (0.0, 0.0);
        let mut means = Vec::with_capacity(crates.len());
        for (members, effect) in crates.iter().zip(&self.of_crates) {
            let (mut weighted, mut weights) = (0.0, 0.0);
            for place in *members {
                let variance = self.residuals.variances[*place] + self.within;
                let change = self.residuals.changes[*place];
                let residual = change - self.change - effect;
                let weight = weight(residual * residual / variance) / variance;
                weighted += weight * change;
                weights += weight;
            }
            let mean = weighted / weights;
            let of_crate = 1.0 / (1.0 / weights + self.between);
            sum += of_crate * mean;
            sum_of_weights += of_crate;
            means.push((mean, weights));
        }
        self.change = sum / sum_of_weights;
        for (effect, (mean, weights)) in self.of_crates.iter_mut().zip(means) {
            let kept = self.between * weights / (1.0 + self.between * weights);
            *effect = kept * (mean - self.change);
        }
    }
}

/// What it costs to say which group it is, and by how much it changed.
fn cost(candidate: &Candidate) -> f64 {
    candidate.cost + 0.5 * (candidate.members.len() as f64).ln()
}

/// A sum of logarithms of numbers from 1 on, most of which are never taken, since they are slow.
struct Logarithms {
    product: f64,
    sum: f64,
}

impl Default for Logarithms {
    fn default() -> Self {
        Self {
            product: 1.0,
            sum: 0.0,
        }
    }
}

impl Logarithms {
    fn add(&mut self, number: f64) {
        const LARGE: f64 = 1e150;
        if number > LARGE || self.product > LARGE {
            self.sum += self.product.ln();
            self.product = number;
        } else {
            self.product *= number;
        }
    }

    fn sum(&self) -> f64 {
        self.sum + self.product.ln()
    }
}

/// The loss of log-likelihood of a number that is so many variances away from where it should be.
fn surprise(squared: f64) -> f64 {
    (DEGREES + 1.0) / 2.0 * (squared / DEGREES).ln_1p()
}

fn weight(squared: f64) -> f64 {
    (DEGREES + 1.0) / (DEGREES + squared)
}
