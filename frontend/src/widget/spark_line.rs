//! A line as high as a word: the shape of a history, without axes.

use std::fmt::Write;

use leptos::prelude::*;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 22.0;
/// Room for the line's own width at the edges.
const MARGIN: f64 = 2.0;

/// A spark-line. Gaps stay gaps.
#[component]
pub(crate) fn SparkLine(
    /// The values, oldest first. `None` where nothing was measured.
    values: Vec<Option<f64>>,
    /// What the line shows, for readers who do not see it.
    description: String,
) -> impl IntoView {
    let last = values
        .iter()
        .enumerate()
        .rev()
        .find_map(|(place, value)| Some((place, (*value)?)))
        .and_then(|(place, value)| Scale::of(&values).map(|scale| scale.point(place, value)));
    view! {
        <svg
            class="spark-line"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            role="img"
            aria-label=description
        >
            <path d=path(&values) />
            {last.map(|(x, y)| view! { <circle cx=format!("{x:.1}") cy=format!("{y:.1}") r="1.8" /> })}
        </svg>
    }
    .into_any()
}

/// Where values are in the picture.
struct Scale {
    places: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(values: &[Option<f64>]) -> Option<Self> {
        let known = || values.iter().flatten().copied().filter(|it| it.is_finite());
        let low = known().reduce(f64::min)?;
        let high = known().reduce(f64::max)?;
        Some(Self {
            places: (values.len().saturating_sub(1)).max(1) as f64,
            low,
            high,
        })
    }

    fn point(&self, place: usize, value: f64) -> (f64, f64) {
        let x = MARGIN + place as f64 / self.places * (WIDTH - 2.0 * MARGIN);
        let span = self.high - self.low;
        let height = if span > 0.0 {
            (value - self.low) / span
        } else {
            0.5
        };
        (x, HEIGHT - MARGIN - height * (HEIGHT - 2.0 * MARGIN))
    }
}

/// The line as an SVG path. A value alone between gaps is a dot as wide as the line.
fn path(values: &[Option<f64>]) -> String {
    let Some(scale) = Scale::of(values) else {
        return String::new();
    };
    let mut path = String::new();
    let mut is_drawing = false;
    for (place, value) in values.iter().enumerate() {
        match value.filter(|value| value.is_finite()) {
            Some(value) => {
                let (x, y) = scale.point(place, value);
                let command = if is_drawing { 'L' } else { 'M' };
                let _ = write!(path, "{command}{x:.1} {y:.1}");
                if !is_drawing {
                    let _ = write!(path, "h0.1");
                }
                is_drawing = true;
            }
            None => is_drawing = false,
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gap_begins_a_new_line() {
        let drawn = path(&[Some(1.0), Some(2.0), None, Some(1.0)]);
        assert_eq!(drawn.matches('M').count(), 2);
        assert_eq!(drawn.matches('L').count(), 1);
        assert_eq!(path(&[None, None]), "");
    }

    proptest! {
        #[test]
        fn every_point_is_in_the_picture(
            values in proptest::collection::vec(proptest::option::of(-1e12_f64..1e12), 0..40)
        ) {
            if let Some(scale) = Scale::of(&values) {
                for (place, value) in values.iter().enumerate() {
                    let Some(value) = value else { continue };
                    let (x, y) = scale.point(place, *value);
                    prop_assert!((0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y));
                }
            }
        }
    }
}
