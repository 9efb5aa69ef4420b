//! The options of a command: `NAME=VALUE,VALUE`.

use shared_types::job_units::BenchmarkKind;
use shared_types::request::Selection;
use shared_types::test_case::{ScenarioKind, WantedCategory};
use shared_types::{Backend, BenchmarkName, ConfigurationId, Profile};

use super::{closest, listed, shortened};

/// The most iterations that a comment can ask for.
const RUNS_MAX: u32 = 50;

/// Every option, in the order in which people are told of them.
pub(super) const OPTIONS: [&str; 10] = [
    "include",
    "exclude",
    "categories",
    "profiles",
    "scenarios",
    "configurations",
    "backends",
    "targets",
    "kinds",
    "runs",
];

/// How something is to be measured. An empty list leaves its dimension as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOptions {
    /// Which part of the suite.
    pub selection: Selection,
    /// Under which configurations, by their names.
    pub configurations: Vec<ConfigurationId>,
    /// Under those configurations that have one of these code generators.
    pub backends: Vec<Backend>,
    /// Under those configurations that compile for one of these targets.
    pub targets: Vec<String>,
    /// Iterations of each test case.
    pub runs: Option<u32>,
}

/// The options among some words. What is wrong with them is added to `mistakes`.
pub(super) fn parse(words: &[&str], mistakes: &mut Vec<String>) -> CommandOptions {
    let mut options = CommandOptions::default();
    let mut seen: Vec<String> = Vec::new();
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            mistakes.push(format!(
                "`{}` is not an option: write NAME=VALUE without blanks",
                shortened(word, 60)
            ));
            continue;
        };
        let name = name.to_ascii_lowercase();
        if seen.contains(&name) {
            mistakes.push(format!(
                "the option `{}` is there twice",
                shortened(&name, 60)
            ));
            continue;
        }
        set(&mut options, &name, value, mistakes);
        seen.push(name);
    }
    options
}

fn set(options: &mut CommandOptions, name: &str, value: &str, mistakes: &mut Vec<String>) {
    let selection = &mut options.selection;
    let categories = WantedCategory::ALL.iter().map(|one| one.as_str());
    let profiles = Profile::ALL.iter().map(|one| one.as_str());
    let scenarios = ScenarioKind::ALL.iter().map(|one| one.as_str());
    let backends = Backend::ALL.iter().map(|one| one.as_str());
    let kinds = BenchmarkKind::ALL.iter().map(|one| one.as_str());
    match name {
        "include" => selection.include = list::<BenchmarkName>(name, value, [], mistakes),
        "exclude" => selection.exclude = list::<BenchmarkName>(name, value, [], mistakes),
        "categories" => selection.categories = list(name, value, categories, mistakes),
        "profiles" => selection.profiles = list(name, value, profiles, mistakes),
        "scenarios" => selection.scenarios = list(name, value, scenarios, mistakes),
        "configurations" => options.configurations = list(name, value, [], mistakes),
        "backends" => options.backends = list(name, value, backends, mistakes),
        "kinds" => selection.kinds = list(name, value, kinds, mistakes),
        "targets" => {
            options.targets = value.split(',').map(str::to_owned).collect();
            if options.targets.iter().any(String::is_empty) {
                mistakes.push("the option `targets`: a name between commas is missing".to_owned());
            }
        }
        "runs" => match value.parse() {
            Ok(runs) if (1..=RUNS_MAX).contains(&runs) => options.runs = Some(runs),
            _ => mistakes.push(format!(
                "the option `runs`: `{}` is not a number from 1 to {RUNS_MAX}",
                shortened(value, 60)
            )),
        },
        _ => {
            let instead = match closest(name, OPTIONS) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("there are {}", listed(&OPTIONS)),
            };
            mistakes.push(format!(
                "there is no option `{}`: {instead}",
                shortened(name, 60)
            ));
        }
    }
}

fn list<'a, T>(
    name: &str,
    value: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    mistakes: &mut Vec<String>,
) -> Vec<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let mut parsed = Vec::new();
    for part in value.split(',') {
        // People write `Opt`; names of which case is a part are taken as they are.
        let one = part
            .parse()
            .or_else(|error| part.to_ascii_lowercase().parse().map_err(|_| error));
        match one {
            Ok(one) => parsed.push(one),
            Err(error) => {
                let error: T::Err = error;
                let instead = closest(part, known.clone())
                    .map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
                mistakes.push(format!("the option `{name}`: {error}{instead}"));
            }
        }
    }
    parsed
}
