//! Comparisons of a made-up suite, with causes that are known.

use shared_types::comparison::{ComparedTestCase, Magnitude};
use shared_types::explanation::GroupTerm;
use shared_types::{Category, Profile, TestCase};

use crate::backtest::random::SeededNumbers;

pub(super) const CRATES: usize = 25;
const PRIMARY: usize = 15;
const PROFILES: [Profile; 5] = [
    Profile::Check,
    Profile::Debug,
    Profile::Opt,
    Profile::Doc,
    Profile::Clippy,
];
const SCENARIOS: [&str; 4] = ["full", "incr-full", "incr-unchanged", "incr-patched"];
const PATCHES: [&str; 3] = ["println", "black-box", "add-field"];

/// 25 crates, 15 of them primary, by 5 profiles and 4 scenarios, without any change.
pub(super) fn suite() -> Vec<ComparedTestCase> {
    let mut rows = Vec::new();
    for number in 0..CRATES {
        for profile in PROFILES {
            for scenario in SCENARIOS {
                let scenario = match scenario {
                    "incr-patched" => format!("{scenario}:{}", PATCHES[number % PATCHES.len()]),
                    other => other.to_owned(),
                };
                let test_case = TestCase::Compile {
                    benchmark: format!("crate-{number}").parse().unwrap(),
                    profile,
                    scenario: scenario.parse().unwrap(),
                };
                let category = if number < PRIMARY {
                    Category::Primary
                } else {
                    Category::Secondary
                };
                rows.push(row(test_case, Some(category), 0.0));
            }
        }
    }
    rows
}

/// A test case with this change, and no interval.
pub(super) fn row(
    test_case: TestCase,
    category: Option<Category>,
    change: f64,
) -> ComparedTestCase {
    ComparedTestCase {
        name: test_case.name(),
        test_case,
        category,
        base: 1.0,
        head: 1.0 + change,
        change: Some(change),
        low: None,
        high: None,
        p: None,
        q: None,
        answer: None,
        significant: false,
        relevant: false,
        magnitude: Magnitude::Small,
        threshold: None,
        history: 0,
        base_iterations: vec![1.0],
        head_iterations: vec![1.0 + change],
    }
}

/// A change that is planted into a group: its size in standard errors of a test case of the group,
/// and how much crates differ in it, relative to its size.
pub(super) struct Plant {
    pub(super) terms: Vec<GroupTerm>,
    pub(super) standard_errors: f64,
    pub(super) differing: f64,
}

impl Plant {
    pub(super) fn admits(&self, row: &ComparedTestCase) -> bool {
        let mut terms = self.terms.iter();
        terms.all(|term| term.admits(&row.test_case, row.category))
    }
}

/// How noisy a comparison is.
pub(super) struct Noise {
    /// The standard deviation of an ordinary test case, relative.
    pub(super) deviation: f64,
    /// A common shift of everything, in ordinary standard deviations.
    pub(super) shift: f64,
    /// Whether intervals are reported.
    pub(super) intervals: bool,
}

/// A comparison of the suite. Test cases differ in noise by a factor of 4 and more, incremental
/// ones are noisier, tails are heavier than normal, and standard errors are estimates themselves.
/// Returns the true common change of each plant, on the log scale, besides.
pub(super) fn comparison(
    numbers: &mut SeededNumbers,
    noise: &Noise,
    plants: &[Plant],
) -> (Vec<ComparedTestCase>, Vec<f64>) {
    let mut rows = suite();
    let deviations: Vec<f64> = rows
        .iter()
        .map(|row| {
            let incremental = if row.name.contains("incr") { 1.5 } else { 1.0 };
            noise.deviation * incremental * 4.0_f64.powf(numbers.uniform() - 0.5)
        })
        .collect();
    let mut changes: Vec<f64> = deviations
        .iter()
        .map(|deviation| deviation * heavy_tailed(numbers) + noise.shift * noise.deviation)
        .collect();
    let mut truths = Vec::new();
    for plant in plants {
        let members: Vec<usize> = (0..rows.len())
            .filter(|place| plant.admits(&rows[*place]))
            .collect();
        let mut of_members: Vec<f64> = members.iter().map(|place| deviations[*place]).collect();
        of_members.sort_by(f64::total_cmp);
        let common = plant.standard_errors * of_members[of_members.len() / 2];
        let of_crates: Vec<f64> = (0..CRATES)
            .map(|_| common * (1.0 + plant.differing * numbers.normal()))
            .collect();
        let crate_of = |place: usize| place * CRATES / rows.len();
        // What is planted into a single crate is the effect on that crate.
        let single = members
            .iter()
            .all(|place| crate_of(*place) == crate_of(members[0]));
        let truth = if single {
            of_crates[crate_of(members[0])]
        } else {
            common
        };
        for place in members {
            changes[place] += of_crates[crate_of(place)];
        }
        truths.push(truth);
    }
    for ((row, change), deviation) in rows.iter_mut().zip(changes).zip(deviations) {
        let error = deviation * estimated(numbers);
        row.change = Some(change.exp_m1());
        row.significant = change.abs() > 3.5 * error;
        if noise.intervals {
            row.low = Some((change - 1.96 * error).exp_m1());
            row.high = Some((change + 1.96 * error).exp_m1());
        }
    }
    (rows, truths)
}

/// Student's t with 8 degrees of freedom, with deviation 1.
fn heavy_tailed(numbers: &mut SeededNumbers) -> f64 {
    let squares: f64 = (0..8).map(|_| numbers.normal().powi(2)).sum();
    numbers.normal() / (squares / 8.0).sqrt() * (6.0_f64 / 8.0).sqrt()
}

/// A deviation that is estimated from 20 numbers, relative to the true one.
fn estimated(numbers: &mut SeededNumbers) -> f64 {
    let squares: f64 = (0..20).map(|_| numbers.normal().powi(2)).sum();
    (squares / 20.0).sqrt()
}
