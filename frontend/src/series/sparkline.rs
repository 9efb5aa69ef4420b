//! A series as a line as small as a word.

use crate::numbers;
use crate::prelude::*;

/// The size of the drawing, in its own units; the style sheet says how large it is on the page.
const WIDTH: f64 = 96.0;
const HEIGHT: f64 = 20.0;

/// Room for the dots at the ends.
const MARGIN: f64 = 3.0;

/// The line, with dots at some places. It shows a shape and no values: what it means is told in words
/// beside it.
#[component]
pub(crate) fn Sparkline(
    /// The values in order. `None` where nothing was measured.
    values: Vec<Option<f64>>,
    /// Places that have a dot.
    #[prop(optional)]
    dots: Vec<usize>,
) -> impl IntoView {
    let shape = Shape::of(&values);
    let lines = shape
        .pieces(&values)
        .into_iter()
        .map(|points| view! { <polyline points=points></polyline> })
        .collect_view();
    let dots = dots
        .into_iter()
        .filter_map(|place| {
            let value = (*values.get(place)?)?;
            Some(view! {
                <circle cx=number(shape.x(place)) cy=number(shape.y(value)) r="2.2"></circle>
            })
        })
        .collect_view();
    view! {
        <svg class="sparkline" viewBox=format!("0 0 {} {}", number(WIDTH), number(HEIGHT)) aria-hidden="true">
            {lines}
            {dots}
        </svg>
    }
    .into_any()
}

/// From places and values to the drawing.
#[derive(Debug, Clone, Copy)]
struct Shape {
    low: f64,
    high: f64,
    places: usize,
}

impl Shape {
    fn of(values: &[Option<f64>]) -> Self {
        let measured = || values.iter().flatten().copied();
        Self {
            low: measured().fold(f64::INFINITY, f64::min),
            high: measured().fold(f64::NEG_INFINITY, f64::max),
            places: values.len(),
        }
    }

    fn x(self, place: usize) -> f64 {
        let last = self.places.saturating_sub(1).max(1) as f64;
        MARGIN + (WIDTH - 2.0 * MARGIN) * place as f64 / last
    }

    fn y(self, value: f64) -> f64 {
        let span = self.high - self.low;
        let share = if span > 0.0 {
            (value - self.low) / span
        } else {
            0.5
        };
        HEIGHT - MARGIN - (HEIGHT - 2.0 * MARGIN) * share
    }

    /// The points of each piece without a gap.
    fn pieces(self, values: &[Option<f64>]) -> Vec<String> {
        let mut place = 0;
        values
            .split(Option::is_none)
            .filter_map(|piece| {
                let begin = place;
                place += piece.len() + 1;
                let points = piece.iter().flatten().enumerate().map(|(offset, value)| {
                    format!(
                        "{},{}",
                        number(self.x(begin + offset)),
                        number(self.y(*value))
                    )
                });
                let points: Vec<String> = points.collect();
                match points.as_slice() {
                    [] => None,
                    // One point alone is drawn as a dot of the line's width.
                    [only] => Some(format!("{only} {only}")),
                    _ => Some(points.join(" ")),
                }
            })
            .collect()
    }
}

fn number(value: f64) -> String {
    numbers::fixed(value, 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gap_cuts_the_line() {
        let values = [Some(1.0), Some(2.0), None, Some(1.5)];
        let pieces = Shape::of(&values).pieces(&values);
        assert_eq!(pieces.len(), 2);
        assert!(pieces[0].starts_with("3.0,17.0 "), "{pieces:?}");
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside(values in prop::collection::vec(prop::option::of(0.0..1e12_f64), 1..40)) {
            let shape = Shape::of(&values);
            for (place, value) in values.iter().enumerate() {
                prop_assert!((0.0..=WIDTH).contains(&shape.x(place)));
                if let Some(value) = value {
                    prop_assert!((0.0..=HEIGHT).contains(&shape.y(*value)));
                }
            }
        }
    }
}
