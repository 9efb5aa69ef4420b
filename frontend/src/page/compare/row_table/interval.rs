//! The interval of a change as a bar: where it lies, and whether zero is in it.

use crate::prelude::*;
use shared_types::comparison::ComparedTestCase;

use crate::numbers;

/// The width of the drawing, in its own units. The middle is no change.
const WIDTH: f64 = 200.0;

/// The smallest scale: changes below a hundredth of a per cent are nothing to look at.
const SCALE_MIN: f64 = 1e-4;

/// How large a change is at the end of a bar, the same for all rows of a table so that they can be
/// compared by eye.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct IntervalScale {
    /// The change at both ends, relative: 0.01 is 1 %.
    limit: f64,
}

impl IntervalScale {
    /// The scale on which every change that counts is seen whole, with its interval. Where none
    /// counts, three of four intervals are.
    pub(super) fn of(cases: &[ComparedTestCase]) -> Self {
        let reach = |case: &ComparedTestCase| -> Option<f64> {
            let (low, high) = (case.low?, case.high?);
            let reach = low.abs().max(high.abs());
            reach.is_finite().then_some(reach)
        };
        let counting = cases.iter().filter(|case| case.significant);
        let largest = counting.filter_map(reach).fold(0.0, f64::max);
        let limit = if largest > 0.0 {
            largest
        } else {
            let mut all: Vec<f64> = cases.iter().filter_map(reach).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() * 3 / 4).copied().unwrap_or(SCALE_MIN)
        };
        Self {
            limit: limit.max(SCALE_MIN),
        }
    }

    /// What the ends of the bars are, for the head of the column.
    pub(super) fn label(self) -> String {
        format!("Interval, \u{b1}{}", numbers::share(self.limit))
    }

    /// Where a change is drawn: at most just beyond the ends, so that it is seen to go on.
    fn x(self, change: f64) -> f64 {
        let share = numbers::within(change / self.limit, -1.05, 1.05);
        (WIDTH / 2.0) * (1.0 + share)
    }
}

/// The bar. Nothing but the line of no change where there is no interval. What it shows is told in
/// words beside it.
#[component]
pub(super) fn IntervalBar(
    /// The scale of the table.
    scale: IntervalScale,
    /// The lower end of the interval.
    low: Option<f64>,
    /// The upper end of the interval.
    high: Option<f64>,
    /// The change.
    change: Option<f64>,
) -> impl IntoView {
    let span = low.zip(high).map(|(low, high)| {
        let (begin, end) = (scale.x(low), scale.x(high));
        view! {
            <rect
                class="span"
                x=pixels(begin)
                y="9"
                width=pixels((end - begin).max(1.0))
                height="9"
                rx="1"
            ></rect>
        }
    });
    let middle = change.map(|change| {
        view! {
            <rect class="middle" x=pixels(scale.x(change) - 1.0) y="7" width="2" height="13"></rect>
        }
    });
    view! {
        <svg
            class="interval-bar"
            viewBox=format!("0 0 {} 27", pixels(WIDTH))
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <line class="zero" x1=pixels(WIDTH / 2.0) x2=pixels(WIDTH / 2.0) y1="0" y2="27"></line>
            {span}
            {middle}
        </svg>
    }
}

fn pixels(value: f64) -> String {
    numbers::fixed(value, 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_larger_change_is_never_drawn_further_left(
            limit in 1e-4..10.0_f64, a in -20.0..20.0_f64, b in -20.0..20.0_f64,
        ) {
            let scale = IntervalScale { limit };
            let (small, large) = if a <= b { (a, b) } else { (b, a) };
            prop_assert!(scale.x(small) <= scale.x(large));
            prop_assert!((-6.0..=WIDTH + 6.0).contains(&scale.x(a)));
        }
    }

    #[test]
    fn no_change_is_in_the_middle() {
        let scale = IntervalScale { limit: 0.02 };
        assert!((scale.x(0.0) - WIDTH / 2.0).abs() < 1e-9);
        assert!((scale.x(0.02) - WIDTH).abs() < 1e-9);
    }

    #[test]
    fn a_table_without_intervals_has_a_scale_all_the_same() {
        assert_eq!(IntervalScale::of(&[]).limit, SCALE_MIN);
    }
}
