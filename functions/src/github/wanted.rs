//! From the options of a command to what is wanted: whether all that it names is there.

use shared_types::collector::SuiteCatalogue;
use shared_types::job_units::BenchmarkKind;
use shared_types::pull_request::WantedMeasuring;
use shared_types::request::Selection;
use shared_types::{Configuration, ConfigurationId, Tier};

use super::command::{CommandOptions, closest};
use crate::{Context, FunctionsError, coordinator};

/// What the options ask for, or everything that is wrong with them.
///
/// # Errors
/// When the store fails.
pub(super) async fn wanted(
    context: &Context,
    options: &CommandOptions,
) -> Result<Result<WantedMeasuring, Vec<String>>, FunctionsError> {
    let known = context.store.index.configurations().await?;
    let mut mistakes = Vec::new();
    let configurations = configurations(options, &known, &mut mistakes);
    check_benchmarks(context, options, &configurations, &mut mistakes).await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    Ok(Ok(WantedMeasuring {
        configurations,
        selection: options.selection.clone(),
        iterations: options.runs,
    }))
}

/// The configurations that are asked for: those that are named, else those that a backend or target
/// picks out, else the gating ones.
fn configurations(
    options: &CommandOptions,
    known: &[Configuration],
    mistakes: &mut Vec<String>,
) -> Vec<ConfigurationId> {
    let names = || known.iter().map(|one| one.id.as_str());
    for id in &options.configurations {
        if names().all(|name| name != id.as_str()) {
            mistakes.push(unknown("configuration", id.as_str(), names()));
        }
    }
    let targets: Vec<&str> = known.iter().map(|one| one.record.target.as_str()).collect();
    for target in &options.targets {
        if !targets.contains(&target.as_str()) {
            mistakes.push(unknown("target", target, targets.iter().copied()));
        }
    }
    let picked = |one: &&Configuration| {
        let backend = options.backends.is_empty() || options.backends.contains(&one.record.backend);
        let target = options.targets.is_empty() || options.targets.contains(&one.record.target);
        let named = options.configurations.is_empty() || options.configurations.contains(&one.id);
        let plain = options.configurations.is_empty()
            && options.backends.is_empty()
            && options.targets.is_empty();
        backend && target && named && (!plain || one.tier == Tier::Gating)
    };
    let chosen: Vec<ConfigurationId> = known
        .iter()
        .filter(picked)
        .map(|one| one.id.clone())
        .collect();
    if chosen.is_empty() && mistakes.is_empty() {
        mistakes.push(if known.is_empty() {
            "no configuration is registered here yet".to_owned()
        } else if *options == CommandOptions::default() {
            "no configuration is gating: name some by `configurations=`".to_owned()
        } else {
            let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            format!(
                "no configuration is all of that; there are {}",
                names.join(", ")
            )
        });
    }
    chosen
}

async fn check_benchmarks(
    context: &Context,
    options: &CommandOptions,
    configurations: &[ConfigurationId],
    mistakes: &mut Vec<String>,
) -> Result<(), FunctionsError> {
    let named = options
        .selection
        .include
        .iter()
        .chain(&options.selection.exclude);
    let named: Vec<&str> = named.map(|name| name.as_str()).collect();
    if named.is_empty() {
        return Ok(());
    }
    let mut known: Vec<String> = Vec::new();
    for id in configurations {
        // Where no collector has told of its suite, cutting will say so.
        let Some(catalogue) = coordinator::catalogue(context, id).await? else {
            return Ok(());
        };
        known.extend(names(&catalogue, &options.selection));
    }
    known.sort();
    known.dedup();
    for name in named {
        if known.iter().all(|one| one != name) {
            mistakes.push(unknown("benchmark", name, known.iter().map(String::as_str)));
        }
    }
    Ok(())
}

/// What can be named of a suite, of the kinds that are wanted: benchmarks, groups of programs and
/// programs, and what is measured of a toolchain.
fn names(catalogue: &SuiteCatalogue, selection: &Selection) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if selection.wants(BenchmarkKind::Compile) {
        names.extend(catalogue.benchmarks.iter().map(|one| one.name.to_string()));
    }
    if selection.wants(BenchmarkKind::Runtime) {
        for group in &catalogue.runtime_groups {
            names.push(group.name.to_string());
            names.extend(group.benchmarks.iter().map(ToString::to_string));
        }
    }
    if selection.wants(BenchmarkKind::Toolchain) {
        let units = catalogue.toolchain_units.iter();
        names.extend(units.map(|unit| unit.name().to_string()));
    }
    names
}

pub(super) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    let without_version = known.clone().find(|one| {
        one.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('-'))
    });
    let instead = match without_version.or_else(|| closest(name, known.clone())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.clone().next().is_none() => "the suite has none of that kind".to_owned(),
        None => {
            let some: Vec<String> = known.take(10).map(|one| format!("`{one}`")).collect();
            format!("there are {}", some.join(", "))
        }
    };
    format!("there is no {what} `{name}`: {instead}")
}
