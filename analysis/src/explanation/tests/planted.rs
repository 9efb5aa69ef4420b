//! How often a planted cause is the first explanation.

use std::ops::Range;

use shared_types::comparison::ComparedTestCase;
use shared_types::explanation::{Explanation, GroupTerm};
use shared_types::test_case::ScenarioKind;
use shared_types::{Category, Profile};

use super::suite::{CRATES, Noise, Plant, comparison, suite};
use crate::backtest::random::SeededNumbers;
use crate::explanation::explain;

const DEVIATIONS: [f64; 4] = [0.0005, 0.003, 0.01, 0.03];
const INCREMENTAL: [ScenarioKind; 3] = [
    ScenarioKind::IncrFull,
    ScenarioKind::IncrUnchanged,
    ScenarioKind::IncrPatched,
];
const PROFILES: [Profile; 5] = [
    Profile::Check,
    Profile::Debug,
    Profile::Opt,
    Profile::Doc,
    Profile::Clippy,
];

const KINDS: [&str; 16] = [
    "all test cases",
    "a profile",
    "a scenario",
    "incremental scenarios",
    "builds that generate code",
    "a category",
    "a crate",
    "all but a profile",
    "everything but a crate",
    "a profile, incremental",
    "a profile, a scenario",
    "a category, a profile",
    "a category, incremental",
    "a crate, incremental",
    "a crate, a profile",
    "a category, a profile, incremental",
];

fn terms(kind: &str, numbers: &mut SeededNumbers) -> Vec<GroupTerm> {
    let profile = PROFILES[numbers.below(PROFILES.len())];
    let number = numbers.below(CRATES);
    let scenario = ScenarioKind::ALL[numbers.below(ScenarioKind::ALL.len())];
    let category = Category::ALL[numbers.below(2)];
    let mut terms = Vec::new();
    for part in kind.split(", ") {
        terms.push(match part {
            "all test cases" => continue,
            "a profile" => GroupTerm::Profiles {
                profiles: vec![profile],
            },
            "builds that generate code" => GroupTerm::Profiles {
                profiles: vec![Profile::Debug, Profile::Opt],
            },
            "all but a profile" => GroupTerm::Profiles {
                profiles: PROFILES.into_iter().filter(|it| *it != profile).collect(),
            },
            "a scenario" => GroupTerm::Scenarios {
                scenarios: vec![scenario],
            },
            "incremental scenarios" | "incremental" => GroupTerm::Scenarios {
                scenarios: INCREMENTAL.to_vec(),
            },
            "a category" => GroupTerm::Category { category },
            "a crate" => GroupTerm::Benchmark {
                benchmark: format!("crate-{number}").parse().unwrap(),
            },
            _ => GroupTerm::EveryBenchmarkBut {
                benchmark: format!("crate-{number}").parse().unwrap(),
            },
        });
    }
    terms
}

fn plant(kind: &str, numbers: &mut SeededNumbers) -> Plant {
    let sign = if numbers.below(2) == 0 { 1.0 } else { -1.0 };
    Plant {
        terms: terms(kind, numbers),
        standard_errors: sign * (2.0 + 3.0 * numbers.uniform()),
        differing: 0.5 * numbers.uniform(),
    }
}

fn noise(seed: u64) -> Noise {
    Noise {
        deviation: DEVIATIONS[seed as usize % DEVIATIONS.len()],
        shift: 0.0,
        intervals: seed % 5 != 4,
    }
}

fn explained(rows: &[ComparedTestCase]) -> Vec<Explanation> {
    explain(&"instructions:u".parse().unwrap(), rows, &[])
}

/// Whether an explanation covers exactly the test cases of a plant.
fn is_right(explanation: &Explanation, plant: &Plant, rows: &[ComparedTestCase]) -> bool {
    rows.iter().all(|row| {
        let mut terms = explanation.terms.iter();
        plant.admits(row) == terms.all(|term| term.admits(&row.test_case, row.category))
    })
}

/// How many comparisons a rate is taken from. The rates of the documentation are of ten times as
/// many, which is asked for by setting `PLANTED_TIMES` to 10; seeds that nothing was tuned on begin
/// where `PLANTED_FROM` says.
fn seeds(usual: u64) -> Range<u64> {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |number| number.parse().unwrap())
    };
    let first = number("PLANTED_FROM", 0);
    first..first + usual * number("PLANTED_TIMES", 1)
}

#[derive(Default)]
struct Rates {
    right: u64,
    none: u64,
    wrong: Vec<String>,
    intervals_that_hold: u64,
}

fn rates_of(kind: &str, part: u64, seeds: Range<u64>) -> Rates {
    let mut rates = Rates::default();
    for seed in seeds {
        let mut numbers = SeededNumbers::part(seed, part);
        let plants = [plant(kind, &mut numbers)];
        let (rows, truths) = comparison(&mut numbers, &noise(seed), &plants);
        match explained(&rows).first() {
            None => rates.none += 1,
            Some(first) if is_right(first, &plants[0], &rows) => {
                rates.right += 1;
                let truth = truths[0].exp_m1();
                let holds = first.low <= truth && truth <= first.high;
                rates.intervals_that_hold += u64::from(holds);
            }
            Some(first) => rates.wrong.push(first.description.clone()),
        }
    }
    rates
}

#[test]
fn a_planted_cause_is_the_first_explanation_in_nine_cases_of_ten() {
    let seeds = seeds(6);
    let count = seeds.end - seeds.start;
    let (mut right, mut hold) = (0, 0);
    println!("| planted | first explanation is right | none | another | interval holds |");
    for (part, kind) in (0..).zip(KINDS) {
        let rates = rates_of(kind, part, seeds.clone());
        println!(
            "| {kind} | {} of {count} | {} | {} | {} of {} |",
            rates.right,
            rates.none,
            rates.wrong.len(),
            rates.intervals_that_hold,
            rates.right
        );
        println!("{:?}", rates.wrong);
        right += rates.right;
        hold += rates.intervals_that_hold;
    }
    let all = count * KINDS.len() as u64;
    println!("right {right} of {all}; intervals hold {hold} of {right}");
    assert!(right * 10 >= all * 9, "{right} of {all}");
    assert!(hold * 10 >= right * 9, "{hold} of {right}");
}

/// Two causes that share at most a quarter of what they cover together: else two others may explain
/// the same as well.
fn two_plants(numbers: &mut SeededNumbers) -> [Plant; 2] {
    let suite = suite();
    loop {
        let plants = [0; 2].map(|_| plant(KINDS[1 + numbers.below(KINDS.len() - 1)], numbers));
        let count = |wanted: fn(bool, bool) -> bool| {
            let rows = suite.iter();
            rows.filter(|row| wanted(plants[0].admits(row), plants[1].admits(row)))
                .count()
        };
        if count(|a, b| a && b) * 4 <= count(|a, b| a || b) {
            return plants;
        }
    }
}

#[test]
fn one_of_two_causes_is_the_first_explanation_in_nine_cases_of_ten() {
    let seeds = seeds(20);
    let count = seeds.end - seeds.start;
    let (mut right, mut both) = (0, 0);
    for seed in seeds {
        let mut numbers = SeededNumbers::part(seed, 100);
        let plants = two_plants(&mut numbers);
        let (rows, _) = comparison(&mut numbers, &noise(seed), &plants);
        let found = explained(&rows);
        let is_found = |plant: &Plant, among: &[Explanation]| {
            among.iter().any(|one| is_right(one, plant, &rows))
        };
        let first = &found[..found.len().min(1)];
        right += u64::from(plants.iter().any(|plant| is_found(plant, first)));
        both += u64::from(plants.iter().all(|plant| is_found(plant, &found)));
    }
    println!("two causes: first right {right} of {count}, both found {both}");
    assert!(right * 10 >= count * 9, "{right} of {count}");
}

#[test]
fn noise_alone_is_rarely_explained() {
    let seeds = seeds(100);
    let all = seeds.end - seeds.start;
    let mut explained_noise = Vec::new();
    for seed in seeds {
        let mut numbers = SeededNumbers::part(seed, 200);
        let (rows, _) = comparison(&mut numbers, &noise(seed), &[]);
        explained_noise.extend(explained(&rows).into_iter().map(|it| it.sentence).next());
    }
    let count = explained_noise.len();
    println!("noise explained: {count} of {all}: {explained_noise:#?}");
    assert!(count as u64 * 20 <= all, "{explained_noise:#?}");
}

#[test]
fn a_common_shift_is_explained_by_all_test_cases() {
    let seeds = seeds(40);
    let all = seeds.end - seeds.start;
    let mut right = 0;
    for seed in seeds {
        let mut numbers = SeededNumbers::part(seed, 300);
        let noise = Noise {
            shift: 0.5 + 2.5 * numbers.uniform(),
            ..noise(seed)
        };
        let (rows, _) = comparison(&mut numbers, &noise, &[]);
        let first = explained(&rows).into_iter().next();
        right += u64::from(first.is_some_and(|first| first.terms.is_empty()));
    }
    println!("a common shift: right {right} of {all}");
    assert!(right * 20 >= all * 19, "{right} of {all}");
}
