//! Loads that are made up, in the shape of what a compiler's team asks for.

use serde::{Deserialize, Serialize};
use shared_types::collector::CatalogueEntry;
use shared_types::format::Versioned;
use shared_types::request::Selection;
use shared_types::{ArtifactId, Category, ConfigurationId, InvalidInput, Profile};

use super::load::{
    Load, LoadBenchmark, LoadCollector, LoadConfiguration, LoadDuration, LoadRequest, Span,
};
use crate::backtest::random::SeededNumbers;

/// What load to make.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MadeLoad {
    /// When requests come.
    pub pattern: Pattern,
    /// Over how many days.
    pub days: u32,
    /// How many configurations, one at least.
    pub configurations: u32,
    /// How many collectors each has.
    pub collectors: u32,
    /// Whether every second collector takes half as long again, and one after the other is away for
    /// hours.
    pub rough_hosts: bool,
    /// How many benchmarks the suite has.
    pub benchmarks: u32,
    /// What decides all that is random.
    pub seed: u64,
}

/// When requests come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// A commit every two hours or so, and try builds by day.
    Days,
    /// All that comes in that time is there at once.
    AtOnce,
}

/// A commit lands so often, in seconds.
const COMMIT_SECONDS: f64 = 2.0 * 3600.0;
/// Try builds in a day.
const TRIES_PER_DAY: f64 = 5.0;
/// Who asks for try builds.
const PEOPLE: [&str; 5] = ["ada", "bob", "cleo", "dan", "eve"];

impl MadeLoad {
    /// Makes the load.
    ///
    /// # Errors
    /// When a name that is made up is none, which is a defect.
    pub fn make(&self) -> Result<Load, InvalidInput> {
        let configurations = (0..self.configurations.max(1))
            .map(|number| format!("made-{number}-llvm-t1").parse())
            .collect::<Result<Vec<ConfigurationId>, _>>()?;
        let requests = self.requests(&configurations)?;
        Ok(Load {
            format: Load::VERSION,
            seed: self.seed,
            seconds_per_job: 30.0,
            benchmarks: self.suite()?,
            collectors: self.collectors_of(&configurations),
            configurations: configurations
                .into_iter()
                .enumerate()
                .map(|(number, id)| LoadConfiguration {
                    id,
                    // The second platform takes longer, the third is as fast again.
                    slowness: if number % 2 == 1 { 1.4 } else { 1.0 },
                })
                .collect(),
            requests,
        })
    }

    fn suite(&self) -> Result<Vec<LoadBenchmark>, InvalidInput> {
        let mut numbers = SeededNumbers::part(self.seed, 2);
        let mut suite = Vec::new();
        for number in 0..self.benchmarks.max(1) {
            let check_s = 1.2 * (0.9 * numbers.normal()).exp();
            let duration = |profile, factor: f64| LoadDuration {
                profile,
                seconds: (check_s * factor).clamp(0.1, 60.0),
            };
            suite.push(LoadBenchmark {
                entry: CatalogueEntry {
                    name: format!("crate-{number}").parse()?,
                    category: Category::Primary,
                    stable: false,
                    patches: vec!["println".parse()?],
                    excluded: Vec::new(),
                },
                durations: vec![
                    duration(Profile::Check, 1.0),
                    duration(Profile::Debug, 1.6),
                    duration(Profile::Opt, 2.8),
                    duration(Profile::Doc, 0.8),
                ],
            });
        }
        Ok(suite)
    }

    fn collectors_of(&self, configurations: &[ConfigurationId]) -> Vec<LoadCollector> {
        let mut numbers = SeededNumbers::part(self.seed, 3);
        let mut collectors = Vec::new();
        for (place, id) in configurations.iter().enumerate() {
            for number in 0..self.collectors.max(1) {
                let is_slow = self.rough_hosts && number % 2 == 1;
                let mut absences = Vec::new();
                for day in 0..self.days {
                    let is_its_turn = (day + place as u32) % self.collectors.max(1) == number;
                    if self.rough_hosts && is_its_turn {
                        let from_s = u64::from(day) * 86_400 + numbers.below(60_000) as u64;
                        let until_s = from_s + 3600 + numbers.below(4 * 3600) as u64;
                        absences.push(Span { from_s, until_s });
                    }
                }
                collectors.push(LoadCollector {
                    name: format!("host-{place}-{number}"),
                    configurations: vec![id.clone()],
                    slowness: if is_slow { 1.5 } else { 1.0 },
                    absences,
                    drains: Vec::new(),
                });
            }
        }
        collectors
    }

    fn requests(&self, all: &[ConfigurationId]) -> Result<Vec<LoadRequest>, InvalidInput> {
        let mut requests = self.commits(all)?;
        requests.extend(self.tries(all, &requests)?);
        if self.pattern == Pattern::AtOnce {
            requests.iter_mut().for_each(|one| one.at_s = 0);
        }
        requests.sort_by_key(|one| one.at_s);
        Ok(requests)
    }

    fn commits(&self, all: &[ConfigurationId]) -> Result<Vec<LoadRequest>, InvalidInput> {
        let mut numbers = SeededNumbers::part(self.seed, 4);
        let mut requests: Vec<LoadRequest> = Vec::new();
        let mut at_s = 0.0;
        let mut parent = commit(0)?;
        for number in 1.. {
            at_s += COMMIT_SECONDS * (0.5 + numbers.uniform());
            if at_s > f64::from(self.days) * 86_400.0 {
                break;
            }
            let head = commit(number)?;
            requests.push(LoadRequest {
                at_s: at_s as u64,
                requester: "the main branch".to_owned(),
                base: Some(parent.clone()),
                parent: Some(parent),
                backfill: true,
                ..request(head.clone(), all)
            });
            parent = head;
        }
        Ok(requests)
    }

    /// Try builds, each of a person, on top of the newest commit.
    fn tries(
        &self,
        all: &[ConfigurationId],
        commits: &[LoadRequest],
    ) -> Result<Vec<LoadRequest>, InvalidInput> {
        let mut numbers = SeededNumbers::part(self.seed, 5);
        let mut requests = Vec::new();
        let count = (f64::from(self.days) * TRIES_PER_DAY) as usize;
        for number in 0..count {
            let day = numbers.below(self.days.max(1) as usize) as u64;
            // From 8 in the morning to 8 in the evening.
            let at_s = day * 86_400 + 8 * 3600 + numbers.below(12 * 3600) as u64;
            let newest = commits.iter().rev().find(|commit| commit.at_s <= at_s);
            let base = match newest {
                Some(newest) => newest.head.clone(),
                None => commit(0)?,
            };
            let is_small = numbers.uniform() < 0.3;
            let is_cancelled = numbers.uniform() < 0.1;
            let profiles = if is_small {
                vec![Profile::Check]
            } else {
                Vec::new()
            };
            requests.push(LoadRequest {
                at_s,
                requester: PEOPLE[numbers.below(PEOPLE.len())].to_owned(),
                base: Some(base),
                backfill: true,
                selection: Selection {
                    profiles,
                    ..Selection::default()
                },
                cancelled_at_s: is_cancelled.then(|| at_s + 600 + numbers.below(7200) as u64),
                ..request(commit(1_000_000 + number as u64)?, all)
            });
        }
        Ok(requests)
    }
}

fn request(head: ArtifactId, configurations: &[ConfigurationId]) -> LoadRequest {
    LoadRequest {
        at_s: 0,
        requester: String::new(),
        priority: 0,
        base: None,
        head,
        parent: None,
        configurations: configurations.to_vec(),
        selection: Selection::default(),
        paired: false,
        backfill: false,
        iterations: 3,
        cancelled_at_s: None,
        paused: None,
    }
}

/// A commit of that number.
fn commit(number: u64) -> Result<ArtifactId, InvalidInput> {
    format!("{number:040x}").parse()
}
