//! Made-up series of the kinds that people annotate: with steps, trends, seasons, outliers and
//! changes of spread. The truth is known since it was put in.

use std::f64::consts::TAU;

use super::AnnotatedSeries;
use crate::backtest::random::SeededNumbers;

/// Makes one series.
type Maker = fn(&mut SeededNumbers) -> AnnotatedSeries;

/// Some series of each kind; the same seed gives the same series.
pub fn made_up_series(seed: u64) -> Vec<AnnotatedSeries> {
    let makers: [(Maker, u64); 8] = [
        (steps_in_noise, 4),
        (nothing_but_noise, 2),
        (growth_that_breaks, 6),
        (price_with_crashes, 4),
        (seasons_with_a_step, 5),
        (large_steps_in_correlated_noise, 2),
        (steps_among_outliers, 2),
        (spread_that_changes, 2),
    ];
    let mut series = Vec::new();
    for (number, (make, count)) in makers.into_iter().enumerate() {
        for copy in 0..count {
            let part = number as u64 * 100 + copy;
            series.push(make(&mut SeededNumbers::part(seed, part)));
        }
    }
    series
}

fn between(numbers: &mut SeededNumbers, low: f64, high: f64) -> f64 {
    low + (high - low) * numbers.uniform()
}

fn length_between(numbers: &mut SeededNumbers, low: usize, high: usize) -> usize {
    low + numbers.below(high - low)
}

/// `count` places, evenly spread and then moved a little, so that all of them are far apart.
fn places(numbers: &mut SeededNumbers, length: usize, count: usize) -> Vec<usize> {
    let gap = length / (count + 1);
    (1..=count)
        .map(|number| number * gap + numbers.below(gap / 2 + 1) - gap / 4)
        .collect()
}

/// Noise of deviation 1 of which each value takes over a share of the one before it.
fn correlated(numbers: &mut SeededNumbers, length: usize, correlation: f64) -> Vec<f64> {
    let fresh = (1.0 - correlation * correlation).sqrt();
    let mut value = numbers.normal();
    let next = |_| {
        value = correlation * value + fresh * numbers.normal();
        value
    };
    (0..length).map(next).collect()
}

/// Adds a step of a size between `low` and `high`, up or down, at each place.
fn add_steps(numbers: &mut SeededNumbers, values: &mut [f64], at: &[usize], size: (f64, f64)) {
    for place in at {
        let sign = if numbers.below(2) == 0 { 1.0 } else { -1.0 };
        let step = sign * between(numbers, size.0, size.1);
        for value in &mut values[*place..] {
            *value += step;
        }
    }
}

fn steps_in_noise(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let length = length_between(numbers, 80, 340);
    let count = 1 + numbers.below(2);
    let changes = places(numbers, length, count);
    let mut values = correlated(numbers, length, 0.1);
    add_steps(numbers, &mut values, &changes, (2.0, 5.0));
    let values = values.iter().map(|value| 100.0 + value).collect();
    AnnotatedSeries {
        kind: "steps",
        values,
        changes,
    }
}

fn nothing_but_noise(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let values = (0..250)
        .map(|_| 50.0 + numbers.normal() * if numbers.below(20) == 0 { 4.0 } else { 1.0 })
        .collect();
    AnnotatedSeries {
        kind: "noise",
        values,
        changes: Vec::new(),
    }
}

fn growth_that_breaks(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let length = length_between(numbers, 50, 220);
    let count = numbers.below(3);
    let changes = places(numbers, length, count);
    let mut rate = 0.02;
    let mut log = 5.0;
    let values = (0..length).map(|place| {
        if changes.contains(&place) {
            rate = between(numbers, -0.03, 0.06);
        }
        log += rate + 0.01 * numbers.normal();
        log.exp()
    });
    let values = values.collect();
    AnnotatedSeries {
        kind: "growth",
        values,
        changes,
    }
}

fn price_with_crashes(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let length = length_between(numbers, 200, 520);
    let count = 1 + numbers.below(3);
    let changes = places(numbers, length, count);
    let mut log = 4.0;
    let values = (0..length).map(|place| {
        let crashing = changes
            .iter()
            .any(|change| (*change..change + 5).contains(&place));
        log += 0.02 * numbers.normal() - if crashing { 0.09 } else { 0.0 };
        log.exp()
    });
    let values = values.collect();
    AnnotatedSeries {
        kind: "price",
        values,
        changes,
    }
}

fn seasons_with_a_step(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let length = length_between(numbers, 150, 470);
    let count = numbers.below(2);
    let changes = places(numbers, length, count);
    let growth = 0.003 * numbers.below(2) as f64;
    let mut logs: Vec<f64> = (0..length)
        .map(|month| {
            let year = TAU * month as f64 / 12.0;
            let season = 0.15 * year.sin() + 0.05 * (2.0 * year).sin();
            7.0 + season + growth * month as f64 + 0.05 * numbers.normal()
        })
        .collect();
    add_steps(numbers, &mut logs, &changes, (0.25, 0.5));
    let values = logs.iter().map(|log| log.exp()).collect();
    AnnotatedSeries {
        kind: "seasons",
        values,
        changes,
    }
}

fn large_steps_in_correlated_noise(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let count = 4 + numbers.below(4);
    let changes = places(numbers, 480, count);
    let mut values = correlated(numbers, 480, 0.7);
    add_steps(numbers, &mut values, &changes, (4.5, 14.0));
    let values = values.iter().map(|value| 600.0 + 5.6 * value).collect();
    AnnotatedSeries {
        kind: "correlated",
        values,
        changes,
    }
}

fn steps_among_outliers(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let count = 5 + numbers.below(6);
    let changes = places(numbers, 675, count);
    let mut values = correlated(numbers, 675, 0.3);
    add_steps(numbers, &mut values, &changes, (3.0, 10.0));
    for value in &mut values {
        if numbers.below(50) == 0 {
            *value += 15.0;
        }
    }
    let values = values.iter().map(|value| 400.0 + 2.6 * value).collect();
    AnnotatedSeries {
        kind: "outliers",
        values,
        changes,
    }
}

fn spread_that_changes(numbers: &mut SeededNumbers) -> AnnotatedSeries {
    let factor = between(numbers, 3.0, 5.0);
    let values = (0..300)
        .map(|place| 100.0 + numbers.normal() * if place < 150 { 1.0 } else { factor })
        .collect();
    AnnotatedSeries {
        kind: "spread",
        values,
        changes: vec![150],
    }
}
