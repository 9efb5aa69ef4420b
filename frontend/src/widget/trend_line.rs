//! The last runs of a configuration as a small line, without axes.

use crate::prelude::*;
use shared_types::api::{Trend, TrendPoint};

use crate::numbers;

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 34.0;
/// Room for the dot at the end.
const MARGIN: f64 = 4.0;
/// The smallest change that fills the height: noise is not to look like a step.
const SPAN_MIN: f64 = 0.005;

/// Where a run is drawn.
type Spot = (f64, f64);

/// The line of a trend, with the same in words.
pub(crate) fn trend_line(trend: &Trend) -> AnyView {
    let spots = spots(trend);
    let Some(last) = spots.last().copied() else {
        return view! { <p class="muted small">"No run is complete enough to show."</p> }
            .into_any();
    };
    let words = in_words(trend);
    let middle = y_of(0.0, span(trend));
    view! {
        <figure class="spark">
            <svg
                viewBox=format!("0 0 {} {}", number(WIDTH), number(HEIGHT))
                role="img"
                aria-label=words.clone()
                data-testid="spark"
                data-points=trend.points.len().to_string()
            >
                <line class="middle" x1="0" x2=number(WIDTH) y1=number(middle) y2=number(middle) />
                <path d=path(trend, &spots) />
                {lonely(trend, &spots)
                    .into_iter()
                    .map(|(x, y)| view! { <circle class="lonely" cx=number(x) cy=number(y) r="1.6" /> })
                    .collect_view()}
                <circle cx=number(last.0) cy=number(last.1) r="2.6" />
            </svg>
            <figcaption class="muted small" aria-hidden="true">{words}</figcaption>
        </figure>
    }
    .into_any()
}

/// What the line shows.
fn in_words(trend: &Trend) -> String {
    let last = trend.points.last().map_or(0.0, |point| point.relative);
    let missing = trend.places as usize - trend.points.len();
    let gaps = if missing == 0 {
        String::new()
    } else {
        format!(", {missing} not measured")
    };
    format!(
        "{} of {}{gaps}; last {} from their median",
        numbers::count(trend.points.len() as u64, "run"),
        trend.metric,
        numbers::change(last)
    )
}

fn span(trend: &Trend) -> f64 {
    let sizes = trend.points.iter().map(|point| point.relative.abs());
    sizes.fold(SPAN_MIN, f64::max)
}

fn y_of(relative: f64, span: f64) -> f64 {
    rounded(HEIGHT / 2.0 - relative / span * (HEIGHT / 2.0 - MARGIN))
}

fn number(value: f64) -> String {
    numbers::fixed(value, 1)
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn spots(trend: &Trend) -> Vec<Spot> {
    let span = span(trend);
    let steps = f64::from(trend.places.saturating_sub(1).max(1));
    let x_of = |place: u32| rounded(MARGIN + f64::from(place) / steps * (WIDTH - 2.0 * MARGIN));
    let spot = |point: &TrendPoint| (x_of(point.place), y_of(point.relative, span));
    trend.points.iter().map(spot).collect()
}

/// Whether a point follows the one before it without a gap.
fn follows(trend: &Trend, index: usize) -> bool {
    index > 0 && trend.points[index].place == trend.points[index - 1].place + 1
}

/// A line through neighbours, broken where a run is missing.
fn path(trend: &Trend, spots: &[Spot]) -> String {
    let step = |(index, (x, y)): (usize, &Spot)| {
        let letter = if follows(trend, index) { 'L' } else { 'M' };
        format!("{letter}{} {}", number(*x), number(*y))
    };
    spots.iter().enumerate().map(step).collect()
}

/// Points that no line reaches.
fn lonely(trend: &Trend, spots: &[Spot]) -> Vec<Spot> {
    let is_lonely = |index: usize| {
        !follows(trend, index) && (index + 1 >= spots.len() || !follows(trend, index + 1))
    };
    let all = spots.iter().enumerate();
    all.filter(|(index, _)| is_lonely(*index))
        .map(|(_, spot)| *spot)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(places: &[u32], relative: f64) -> Trend {
        Trend {
            metric: "wall-time".parse().unwrap(),
            places: places.last().map_or(0, |last| last + 1),
            points: places
                .iter()
                .map(|place| TrendPoint {
                    artifact: format!("release-1.{place}.0").parse().unwrap(),
                    place: *place,
                    relative,
                    test_cases: 3,
                })
                .collect(),
        }
    }

    #[test]
    fn a_missing_run_is_a_gap_and_a_run_between_gaps_a_dot() {
        let trend = trend(&[0, 1, 3, 5, 6], 0.0);
        let spots = spots(&trend);
        let path = path(&trend, &spots);
        let letters: String = path.chars().filter(char::is_ascii_alphabetic).collect();
        assert_eq!(letters, "MLMML");
        assert_eq!(lonely(&trend, &spots), [spots[2]]);
        assert!(in_words(&trend).contains("2 not measured"));
    }

    #[test]
    fn noise_stays_near_the_middle_and_nothing_leaves_the_picture() {
        for relative in [1e-6, 0.002, 0.4, -0.9] {
            let (_, y) = spots(&trend(&[0, 1], relative))[1];
            assert!((0.0..=HEIGHT).contains(&y), "{relative}: {y}");
        }
        let (_, y) = spots(&trend(&[0], 1e-6))[0];
        assert!((y - HEIGHT / 2.0).abs() < 0.2);
    }
}
