//! Estimates that a few values far from the others do not disturb.

/// The median of absolute values of a normal distribution, in standard deviations.
pub(crate) const NORMAL_MEDIAN_DEVIATION: f64 = 0.674_489_75;

/// The median, the mean of both middles where there are two. `None` of nothing. Reorders `values`.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if odd {
        return Some(*upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, *upper))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_middle_of_the_largest_values_is_finite() {
        assert_eq!(median(&mut [f64::MAX, -f64::MAX]), Some(0.0));
        assert_eq!(median(&mut [f64::MAX, f64::MAX]), Some(f64::MAX));
    }

    proptest! {
        #[test]
        fn it_is_the_middle_of_the_sorted_values(
            mut values in prop::collection::vec(-1e9..1e9_f64, 0..20),
        ) {
            let found = median(&mut values.clone());
            values.sort_by(f64::total_cmp);
            let middle = values.len() / 2;
            let expected = match values.len() {
                0 => None,
                odd if odd % 2 == 1 => Some(values[middle]),
                _ => Some((values[middle - 1] + values[middle]) / 2.0),
            };
            prop_assert_eq!(found, expected);
        }
    }
}
