//! The groups that a few words describe.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shared_types::comparison::ComparedTestCase;
use shared_types::explanation::{GroupTerm, TestCaseKind};
use shared_types::test_case::{PatchName, ScenarioKind};
use shared_types::{BenchmarkName, Category, Profile, TestCase};

use super::evidence::Evidence;
use super::wording;

/// Fewer test cases than these have nothing in common that is worth a sentence.
const MEMBERS_MIN: usize = 3;

/// What each term costs besides the choice among its like, in units of log-likelihood.
const TERM: f64 = 0.7;

/// What a class of profiles or scenarios costs more than one of them.
const CLASS: f64 = 0.5;

/// What "all but this" costs more than "this".
const COMPLEMENT: f64 = 1.0;

/// Every group that can be described, each set of test cases once and by its cheapest description.
pub(super) struct Candidates {
    /// The groups.
    pub(super) groups: Vec<Candidate>,
    choices: Vec<Choice>,
}

/// A group of test cases that can be described.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Its conditions, as places among the choices.
    choices: Vec<usize>,
    /// Which attributes its conditions are about.
    pub(super) shape: Shape,
    /// What it costs to say this and nothing else, in units of log-likelihood.
    pub(super) cost: f64,
    /// Which rows of the evidence, in ascending order.
    pub(super) members: Vec<usize>,
}

/// Which attributes the conditions of a group are about: scenario, profile, subject.
pub(super) type Shape = [bool; 3];

/// One way to restrict one attribute.
#[derive(Debug, Clone)]
struct Choice {
    term: GroupTerm,
    words: String,
    cost: f64,
    /// Whether it may stand beside other terms.
    joins: bool,
}

impl Candidates {
    /// The groups of the rows of a comparison.
    pub(super) fn of(evidence: &Evidence, test_cases: &[ComparedTestCase]) -> Self {
        let rows = evidence.rows.iter().map(|row| &test_cases[*row]);
        let cases: Vec<&ComparedTestCase> = rows.collect();
        let present = Present::of(&cases);
        let by_attribute = [present.scenarios(), present.profiles(), present.subjects()];
        let [scenarios, profiles, subjects] = by_attribute.each_ref().map(Vec::len);
        let choices: Vec<Choice> = by_attribute.into_iter().flatten().collect();
        let mut search = Enumeration {
            admitted: choices
                .iter()
                .map(|choice| admitted(choice, &cases))
                .collect(),
            choices: &choices,
            attribute_of: [(0, scenarios), (1, profiles), (2, subjects)]
                .into_iter()
                .flat_map(|(attribute, count)| std::iter::repeat_n(attribute, count))
                .collect(),
            groups: Vec::new(),
            by_members: HashMap::new(),
        };
        let everything: Vec<usize> = (0..cases.len()).collect();
        let none_or =
            |from: usize, count: usize| std::iter::once(None).chain((from..from + count).map(Some));
        for scenario in none_or(0, scenarios) {
            let of_scenario = search.members(&everything, scenario);
            for profile in none_or(scenarios, profiles) {
                let members = search.members(&of_scenario, profile);
                let outer: Vec<usize> = scenario.into_iter().chain(profile).collect();
                search.add_with_subjects(outer, members, scenarios + profiles, subjects);
            }
        }
        Self {
            groups: search.groups,
            choices,
        }
    }

    /// The conditions of a group.
    pub(super) fn terms(&self, candidate: &Candidate) -> Vec<GroupTerm> {
        let choices = candidate.choices.iter();
        choices
            .map(|choice| self.choices[*choice].term.clone())
            .collect()
    }

    /// A group in words.
    pub(super) fn description(&self, candidate: &Candidate) -> String {
        let choices = candidate.choices.iter();
        let words: Vec<&str> = choices
            .map(|choice| self.choices[*choice].words.as_str())
            .collect();
        wording::joined(&words)
    }
}

struct Enumeration<'a> {
    choices: &'a [Choice],
    /// Of each choice, which rows it admits.
    admitted: Vec<Vec<bool>>,
    /// Of each choice, the place of its attribute in a shape.
    attribute_of: Vec<usize>,
    groups: Vec<Candidate>,
    by_members: HashMap<Vec<usize>, usize>,
}

impl Enumeration<'_> {
    fn members(&self, among: &[usize], choice: Option<usize>) -> Vec<usize> {
        let Some(choice) = choice else {
            return among.to_vec();
        };
        let admitted = &self.admitted[choice];
        among
            .iter()
            .copied()
            .filter(|place| admitted[*place])
            .collect()
    }

    fn add_with_subjects(
        &mut self,
        outer: Vec<usize>,
        members: Vec<usize>,
        from: usize,
        subjects: usize,
    ) {
        if members.len() < MEMBERS_MIN {
            return;
        }
        for subject in from..from + subjects {
            if self.choices[subject].joins || outer.is_empty() {
                let of_subject = self.members(&members, Some(subject));
                let mut choices = outer.clone();
                choices.push(subject);
                self.add(choices, of_subject);
            }
        }
        self.add(outer, members);
    }

    fn add(&mut self, choices: Vec<usize>, members: Vec<usize>) {
        if members.len() < MEMBERS_MIN {
            return;
        }
        let costs = choices
            .iter()
            .map(|choice| TERM + self.choices[*choice].cost);
        let cost = costs.sum();
        let mut shape = Shape::default();
        for choice in &choices {
            shape[self.attribute_of[*choice]] = true;
        }
        let place = match self.by_members.get(&members) {
            Some(place) => *place,
            None => {
                self.by_members.insert(members.clone(), self.groups.len());
                self.groups.push(Candidate {
                    choices,
                    shape,
                    cost,
                    members,
                });
                return;
            }
        };
        let known = &mut self.groups[place];
        if cost < known.cost {
            known.choices = choices;
            known.shape = shape;
            known.cost = cost;
        }
    }
}

fn admitted(choice: &Choice, cases: &[&ComparedTestCase]) -> Vec<bool> {
    let cases = cases.iter();
    cases
        .map(|case| choice.term.admits(&case.test_case, case.category))
        .collect()
}

/// The attributes that the test cases have.
#[derive(Default)]
struct Present {
    kinds: BTreeSet<TestCaseKind>,
    profiles: BTreeSet<Profile>,
    scenarios: BTreeSet<ScenarioKind>,
    categories: BTreeSet<Category>,
    /// In how many crates each patch occurs.
    patches: BTreeMap<PatchName, BTreeSet<BenchmarkName>>,
    crates: BTreeSet<BenchmarkName>,
    runtime_groups: BTreeSet<BenchmarkName>,
}

impl Present {
    fn of(cases: &[&ComparedTestCase]) -> Self {
        let mut present = Self::default();
        for case in cases {
            present.kinds.insert(TestCaseKind::of(&case.test_case));
            present
                .categories
                .insert(case.category.unwrap_or(Category::Primary));
            match &case.test_case {
                TestCase::Compile {
                    benchmark,
                    profile,
                    scenario,
                } => {
                    present.crates.insert(benchmark.clone());
                    present.profiles.insert(*profile);
                    present.scenarios.insert(scenario.kind());
                    if let Some(patch) = scenario.patch() {
                        let crates = present.patches.entry(patch.clone()).or_default();
                        crates.insert(benchmark.clone());
                    }
                }
                TestCase::Runtime { group, .. } => {
                    present.runtime_groups.insert(group.clone());
                }
                TestCase::Toolchain { .. } | TestCase::Imported { .. } => {}
            }
        }
        present
    }

    fn profiles(&self) -> Vec<Choice> {
        let classes = [
            (
                "builds that generate code",
                &[Profile::Debug, Profile::Opt][..],
            ),
            ("rustdoc builds", &[Profile::Doc, Profile::DocJson][..]),
        ];
        let values: Vec<Profile> = self.profiles.iter().copied().collect();
        sets(&values, &classes)
            .into_iter()
            .map(|set| Choice {
                words: match set.name {
                    SetName::One(profile) => format!("{profile} builds"),
                    SetName::AllBut(profile) => format!("all builds but {profile}"),
                    SetName::Class(words) => words.to_owned(),
                },
                term: GroupTerm::Profiles {
                    profiles: set.values,
                },
                cost: set.cost,
                joins: true,
            })
            .collect()
    }

    fn scenarios(&self) -> Vec<Choice> {
        use ScenarioKind::{IncrFull, IncrPatched, IncrUnchanged};
        let classes = [
            (
                "incremental scenarios",
                &[IncrFull, IncrUnchanged, IncrPatched][..],
            ),
            (
                "incremental scenarios with a filled cache",
                &[IncrUnchanged, IncrPatched][..],
            ),
        ];
        let values: Vec<ScenarioKind> = self.scenarios.iter().copied().collect();
        let mut choices: Vec<Choice> = sets(&values, &classes)
            .into_iter()
            .map(|set| Choice {
                words: match set.name {
                    SetName::One(scenario) => format!("{scenario} scenarios"),
                    SetName::AllBut(scenario) => format!("all scenarios but {scenario}"),
                    SetName::Class(words) => words.to_owned(),
                },
                term: GroupTerm::Scenarios {
                    scenarios: set.values,
                },
                cost: set.cost,
                joins: true,
            })
            .collect();
        let shared = self.patches.iter().filter(|(_, crates)| crates.len() > 1);
        let shared: Vec<&PatchName> = shared.map(|(patch, _)| patch).collect();
        choices.extend(shared.iter().map(|patch| Choice {
            words: format!("scenarios with the patch {patch}"),
            term: GroupTerm::Patch {
                patch: (*patch).clone(),
            },
            cost: choice_among(shared.len()) + CLASS,
            joins: true,
        }));
        choices
    }

    fn subjects(&self) -> Vec<Choice> {
        let mut choices: Vec<Choice> = self
            .categories
            .iter()
            .map(|category| Choice {
                words: format!("{category} benchmarks"),
                term: GroupTerm::Category {
                    category: *category,
                },
                cost: choice_among(self.categories.len()),
                joins: true,
            })
            .collect();
        choices.extend(self.kinds.iter().map(|kind| Choice {
            words: wording::kind(*kind).to_owned(),
            term: GroupTerm::Kind { kind: *kind },
            cost: choice_among(self.kinds.len()),
            joins: true,
        }));
        let both = [
            (&self.crates, ""),
            (&self.runtime_groups, "runtime benchmarks of "),
        ];
        for (benchmarks, before) in both {
            for benchmark in benchmarks {
                let cost = choice_among(benchmarks.len());
                choices.push(Choice {
                    words: format!("{before}{benchmark}"),
                    term: GroupTerm::Benchmark {
                        benchmark: benchmark.clone(),
                    },
                    cost,
                    joins: true,
                });
                choices.push(Choice {
                    words: format!("everything but {before}{benchmark}"),
                    term: GroupTerm::EveryBenchmarkBut {
                        benchmark: benchmark.clone(),
                    },
                    cost: cost + COMPLEMENT,
                    joins: false,
                });
            }
        }
        choices
    }
}

enum SetName<T> {
    One(T),
    AllBut(T),
    Class(&'static str),
}

struct ValueSet<T> {
    name: SetName<T>,
    values: Vec<T>,
    cost: f64,
}

/// Each value, all but each, and the classes, as far as they are among `values`.
fn sets<T: Copy + PartialEq>(values: &[T], classes: &[(&'static str, &[T])]) -> Vec<ValueSet<T>> {
    let cost = choice_among(values.len());
    let mut sets = Vec::new();
    for value in values {
        sets.push(ValueSet {
            name: SetName::One(*value),
            values: vec![*value],
            cost,
        });
        sets.push(ValueSet {
            name: SetName::AllBut(*value),
            values: values.iter().copied().filter(|it| it != value).collect(),
            cost: cost + COMPLEMENT,
        });
    }
    sets.extend(classes.iter().map(|(name, class)| {
        ValueSet {
            name: SetName::Class(name),
            values: class
                .iter()
                .copied()
                .filter(|it| values.contains(it))
                .collect(),
            cost: cost + CLASS,
        }
    }));
    sets
}

fn choice_among(count: usize) -> f64 {
    (count.max(1) as f64).ln()
}
