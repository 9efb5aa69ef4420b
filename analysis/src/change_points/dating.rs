//! How well a change is dated.

use super::partition::{Costs, Stretch};

/// The probability with which a change lies between its earliest and latest place.
const DATED_WITH: f64 = 0.95;

/// How far from the best place others are weighed, in values.
const WEIGHED_REACH: usize = 64;

/// The places between which the change from `before` to `after` lies: the shortest run of places
/// around the best one that holds 95 % of the weight, each place weighing `exp(-cost / 2)`.
pub(super) fn interval(costs: &Costs, before: Stretch, after: Stretch) -> (usize, usize) {
    let best = after.start;
    let first = (before.start + 1).max(best.saturating_sub(WEIGHED_REACH));
    let last = (after.end - 1).min(best + WEIGHED_REACH);
    let cost =
        |place: usize| costs.of(before.start, place).least() + costs.of(place, after.end).least();
    let least = (first..=last).map(cost).fold(f64::INFINITY, f64::min);
    let weights: Vec<f64> = (first..=last)
        .map(|place| (-(cost(place) - least) / 2.0).exp())
        .collect();
    let wanted = DATED_WITH * weights.iter().sum::<f64>();
    let (mut earliest, mut latest) = (best, best);
    let weight = |place: usize| weights.get(place.wrapping_sub(first)).copied();
    let mut held = weight(best).unwrap_or(0.0);
    while held < wanted {
        let down = weight(earliest.wrapping_sub(1));
        let up = weight(latest + 1);
        match (down, up) {
            (None, None) => break,
            (Some(down), up) if up.is_none_or(|up| down >= up) => {
                earliest -= 1;
                held += down;
            }
            (_, up) => {
                latest += 1;
                held += up.unwrap_or(0.0);
            }
        }
    }
    (earliest, latest)
}
