use super::*;
use crate::backtest::random::SeededNumbers;

/// Normal noise of deviation 1 in which each value takes over `correlation` of the one before it.
fn correlated(correlation: f64, length: usize, seed: u64) -> Vec<f64> {
    let mut numbers = SeededNumbers::new(seed);
    let fresh = (1.0 - correlation * correlation).sqrt();
    let mut value = numbers.normal();
    (0..length)
        .map(|_| {
            value = correlation * value + fresh * numbers.normal();
            value
        })
        .collect()
}

fn mean_over_seeds(measure: impl Fn(u64) -> f64) -> f64 {
    (0..100).map(measure).sum::<f64>() / 100.0
}

#[test]
fn the_noise_of_normal_values_is_their_deviation_whatever_steps_there_are() {
    let with_steps = |seed| {
        let mut values = correlated(0.0, 200, seed);
        for value in &mut values[70..] {
            *value += 40.0;
        }
        noise(&values)
    };
    let mean = mean_over_seeds(with_steps);
    assert!((0.93..1.07).contains(&mean), "{mean}");
}

#[test]
fn whole_steps_that_come_and_go_are_noise_and_one_that_stays_is_not() {
    let flickering: Vec<f64> = (0..60).map(|place| f64::from(place % 5 == 0)).collect();
    assert!(noise(&flickering) > 0.3, "{}", noise(&flickering));
    let stepped: Vec<f64> = (0..60).map(|place| f64::from(place >= 30)).collect();
    assert!(noise(&stepped) <= 1e-6, "{}", noise(&stepped));
}

#[test]
fn noise_without_correlation_is_hardly_widened_and_correlated_noise_is() {
    let widened = |correlation: f64| {
        mean_over_seeds(|seed| {
            let values = correlated(correlation, 150, seed);
            widening(&values, noise(&values))
        })
    };
    let [none, some, much] = [0.0, 0.5, 0.8].map(widened);
    assert!((1.0..1.1).contains(&none), "{none}");
    // By the formula 2.4 and 6.7: rather too much than too little.
    assert!((2.0..4.0).contains(&some), "{some}");
    assert!((5.0..11.0).contains(&much), "{much}");
}

#[test]
fn negative_correlation_is_not_used_to_see_more() {
    let values: Vec<f64> = (0..80).map(|place| f64::from(place % 2)).collect();
    assert_eq!(widening(&values, noise(&values)), 1.0);
}

#[test]
fn a_robust_mean_is_that_of_the_many() {
    let (centre, deviation) = robust_mean(&[1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1000.0]);
    assert!((0.9..1.2).contains(&centre), "{centre}");
    assert!(deviation < 0.2, "{deviation}");
    assert_eq!(robust_mean(&[3.0, 3.0, 3.0, 9.0]).0, 3.0);
    assert_eq!(robust_mean(&[]), (0.0, 0.0));
}
