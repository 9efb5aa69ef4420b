//! How many steps of a known size are found, and how many false alarms noise alone gives. The
//! figures are those of `docs/analysis.md`; run with `--nocapture` to see them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use analysis::change_points::change_points;

/// The shape of the noise.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// Close to normal: the sum of twelve uniform numbers.
    Normal,
    /// Normal, but one value in twenty has five times the deviation, as on a host that is disturbed
    /// now and then.
    Disturbed,
    /// Normal, but each value takes over six tenths of the one before it, as when a host warms up
    /// and cools down over several runs.
    Correlated,
}

/// Seeded numbers, so that every run of the test measures the same.
struct Noise {
    state: u64,
    before: f64,
}

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / (1u64 << 53) as f64
    }

    fn deviation(&mut self, shape: Shape) -> f64 {
        let normal = (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0;
        match shape {
            Shape::Disturbed if self.uniform() < 0.05 => normal * 5.0,
            Shape::Correlated => {
                self.before = 0.6 * self.before + 0.8 * normal;
                self.before
            }
            _ => normal,
        }
    }
}

const SERIES: u64 = 300;
const VALUES: usize = 120;
const STEP_AT: usize = 80;

/// The share of steps that are found to within two values, and the other change points in a
/// thousand values.
fn rates(shape: Shape, deviations: f64) -> (f64, f64) {
    let (mut found, mut others) = (0, 0);
    for seed in 0..SERIES {
        let mut noise = Noise {
            state: seed,
            before: 0.0,
        };
        let values: Vec<f64> = (0..VALUES)
            .map(|place| {
                let step = if place >= STEP_AT { deviations } else { 0.0 };
                (0.01 * (noise.deviation(shape) + step)).exp()
            })
            .collect();
        let points = change_points(&values);
        let hits = points
            .iter()
            .filter(|point| point.abs_diff(STEP_AT) <= 2)
            .count();
        found += usize::from(hits > 0);
        others += points.len() - hits.min(1);
    }
    let values = SERIES as f64 * VALUES as f64;
    (
        found as f64 / SERIES as f64,
        others as f64 * 1000.0 / values,
    )
}

#[test]
fn large_steps_are_found_and_noise_rarely_is() {
    for (shape, alarms_max) in [(Shape::Normal, 0.2), (Shape::Disturbed, 0.8)] {
        let (_, alarms) = rates(shape, 0.0);
        println!("{shape:?}: {alarms:.2} false alarms in 1,000 values without a step");
        assert!(alarms < alarms_max, "{alarms}");
        let mut before = 0.0;
        for deviations in [1.0, 2.0, 3.0, 4.0, 5.0] {
            let (found, others) = rates(shape, deviations);
            println!(
                "{shape:?}: a step of {deviations} deviations: {:.1} % found, {others:.2} others",
                found * 100.0
            );
            assert!(found >= before, "larger steps are easier");
            before = found;
        }
        assert!(before > 0.97, "{before}");
    }
}

#[test]
fn noise_that_correlates_from_run_to_run_makes_no_stairs() {
    let (_, alarms) = rates(Shape::Correlated, 0.0);
    println!("Correlated: {alarms:.2} false alarms in 1,000 values without a step");
    assert!(alarms < 1.5, "{alarms}");
    let (found, _) = rates(Shape::Correlated, 5.0);
    println!(
        "Correlated: a step of 5 deviations: {:.1} % found",
        found * 100.0
    );
    assert!(found > 0.8, "{found}");
}
