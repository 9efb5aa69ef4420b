//! What a selection means on a suite.

use shared_types::collector::{CatalogueEntry, RuntimeGroupEntry, SuiteCatalogue};
use shared_types::job::JobUnit;
use shared_types::job_units::{RuntimeUnit, ToolchainUnit};
use shared_types::request::Selection;
use shared_types::{BenchmarkKind, BenchmarkName, Category, Profile};

use super::WantedUnit;
use crate::AnalysisError;
use crate::error::UnknownBenchmark;

/// The profiles of a selection that names none.
const DEFAULT_PROFILES: [Profile; 4] = [Profile::Check, Profile::Debug, Profile::Opt, Profile::Doc];

/// How many similar names are offered for an unknown one.
const NEAR_NAMES_MAX: usize = 3;

/// The units that `selection` wants of a suite, kind by kind, each in the order of the suite. Of what
/// is compiled: each benchmark under each profile with all the scenarios that are wanted and not
/// excluded; a combination without a scenario is left out. Of programs: each crate with those of its
/// benchmarks that are wanted.
///
/// # Errors
/// When the selection names benchmarks that the suite does not have, or leaves nothing: nothing at
/// all, or nothing of a kind of which the suite has nothing.
pub fn units(
    catalogue: &SuiteCatalogue,
    selection: &Selection,
) -> Result<Vec<WantedUnit>, AnalysisError> {
    check_kinds(catalogue, selection)?;
    check_names(catalogue, selection)?;
    let mut units = Vec::new();
    if selection.wants(BenchmarkKind::Compile) {
        units.extend(compile_units(catalogue, selection).map(WantedUnit::Compile));
    }
    if selection.wants(BenchmarkKind::Runtime) {
        let groups = catalogue.runtime_groups.iter();
        let wanted = groups.filter_map(|group| runtime_unit(group, selection));
        units.extend(wanted.map(WantedUnit::Runtime));
    }
    if selection.wants(BenchmarkKind::Toolchain) {
        let wanted = catalogue.toolchain_units.iter().filter(|unit| {
            let name = unit.name();
            passes(selection, &[name.as_str()])
        });
        units.extend(wanted.cloned().map(WantedUnit::Toolchain));
    }
    if units.is_empty() {
        return Err(AnalysisError::NothingSelected {
            reason: why_empty(catalogue, selection),
        });
    }
    Ok(units)
}

/// Whether something that goes by some names is wanted.
fn passes(selection: &Selection, names: &[&str]) -> bool {
    let listed = |list: &[BenchmarkName]| list.iter().any(|one| names.contains(&one.as_str()));
    (selection.include.is_empty() || listed(&selection.include)) && !listed(&selection.exclude)
}

fn is_named(selection: &Selection, entry: &CatalogueEntry) -> bool {
    passes(selection, &[entry.name.as_str()])
}

fn is_of_category(selection: &Selection, category: Category, stable: bool) -> bool {
    let mut wanted = selection.categories.iter();
    selection.categories.is_empty() || wanted.any(|wanted| wanted.admits(category, stable))
}

/// Those benchmarks of a group that are wanted by their names or by that of the group.
fn runtime_unit(group: &RuntimeGroupEntry, selection: &Selection) -> Option<RuntimeUnit> {
    let wanted = |benchmark: &&BenchmarkName| {
        is_of_category(selection, group.category, false)
            && passes(selection, &[group.name.as_str(), benchmark.as_str()])
    };
    let benchmarks: Vec<_> = group.benchmarks.iter().filter(wanted).cloned().collect();
    (!benchmarks.is_empty()).then(|| RuntimeUnit {
        group: group.name.clone(),
        benchmarks,
    })
}

/// A suite that has nothing of a kind is that of a collector which does not know the kind: to measure
/// the other kinds alone would look like an answer.
fn check_kinds(catalogue: &SuiteCatalogue, selection: &Selection) -> Result<(), AnalysisError> {
    let lacks = |kind: BenchmarkKind| match kind {
        BenchmarkKind::Compile => false,
        BenchmarkKind::Runtime => catalogue.runtime_groups.is_empty(),
        BenchmarkKind::Toolchain => catalogue.toolchain_units.is_empty(),
    };
    match selection.kinds.iter().find(|kind| lacks(**kind)) {
        Some(kind) => Err(AnalysisError::NothingSelected {
            reason: format!(
                "the suite of this configuration's collectors has no {kind} benchmarks: update the \
                 collectors, or ask for compile alone"
            ),
        }),
        None => Ok(()),
    }
}

/// Each crate under each profile.
fn compile_units(
    catalogue: &SuiteCatalogue,
    selection: &Selection,
) -> impl Iterator<Item = JobUnit> {
    let profiles = if selection.profiles.is_empty() {
        &DEFAULT_PROFILES[..]
    } else {
        &selection.profiles
    };
    let benchmarks = catalogue.benchmarks.iter();
    let named = benchmarks.filter(|entry| is_named(selection, entry));
    let wanted = named.filter(|entry| is_of_category(selection, entry.category, entry.stable));
    wanted.flat_map(move |entry| {
        let profiles = Profile::ALL
            .iter()
            .filter(|profile| profiles.contains(profile));
        profiles.filter_map(move |profile| unit(entry, *profile, selection))
    })
}

fn unit(entry: &CatalogueEntry, profile: Profile, selection: &Selection) -> Option<JobUnit> {
    let mut scenarios = entry.scenarios(profile);
    if !selection.scenarios.is_empty() {
        scenarios.retain(|scenario| selection.scenarios.contains(&scenario.kind()));
    }
    (!scenarios.is_empty()).then(|| JobUnit {
        benchmark: entry.name.clone(),
        profile,
        scenarios,
    })
}

fn why_empty(catalogue: &SuiteCatalogue, selection: &Selection) -> String {
    if !selection.wants(BenchmarkKind::Compile) {
        return "what is included is of another kind, or also excluded".to_owned();
    }
    if catalogue.benchmarks.is_empty() {
        return "the suite has no benchmarks".to_owned();
    }
    let benchmarks = catalogue.benchmarks.iter();
    let named: Vec<&CatalogueEntry> = benchmarks
        .filter(|entry| is_named(selection, entry))
        .collect();
    let is_wanted =
        |entry: &&CatalogueEntry| is_of_category(selection, entry.category, entry.stable);
    let reason = if named.is_empty() {
        "every benchmark that is included is also excluded"
    } else if !named.iter().any(is_wanted) {
        "none of the benchmarks is of a wanted category"
    } else {
        "none of the benchmarks has one of the wanted scenarios under one of the wanted profiles"
    };
    reason.to_owned()
}

fn check_names(catalogue: &SuiteCatalogue, selection: &Selection) -> Result<(), AnalysisError> {
    let named = selection.include.iter().chain(&selection.exclude);
    let mut unknown: Vec<UnknownBenchmark> = Vec::new();
    let known = known_names(catalogue, selection);
    for name in named {
        if !known.contains(name) && !unknown.iter().any(|unknown| unknown.name == *name) {
            unknown.push(UnknownBenchmark {
                name: name.clone(),
                near: near(&known, name),
            });
        }
    }
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(AnalysisError::UnknownBenchmarks(unknown))
    }
}

/// Every name by which something of the wanted kinds can be chosen.
fn known_names(catalogue: &SuiteCatalogue, selection: &Selection) -> Vec<BenchmarkName> {
    let mut names = Vec::new();
    if selection.wants(BenchmarkKind::Compile) {
        names.extend(catalogue.benchmarks.iter().map(|entry| entry.name.clone()));
    }
    if selection.wants(BenchmarkKind::Runtime) {
        for group in &catalogue.runtime_groups {
            names.push(group.name.clone());
            names.extend(group.benchmarks.iter().cloned());
        }
    }
    if selection.wants(BenchmarkKind::Toolchain) {
        let units = catalogue.toolchain_units.iter();
        names.extend(units.filter_map(|unit: &ToolchainUnit| unit.name().parse().ok()));
    }
    names
}

/// Names that begin like `name`, or differ from it in a third of its letters at most.
fn near(known: &[BenchmarkName], name: &BenchmarkName) -> Vec<BenchmarkName> {
    let mut near: Vec<(usize, &BenchmarkName)> = known
        .iter()
        .filter_map(|known| {
            let distance = edit_distance(name.as_str(), known.as_str());
            let crate_name = without_version(name.as_str());
            let begins_alike = without_version(known.as_str()) == crate_name
                || known.as_str().starts_with(crate_name);
            let close = distance * 3 <= name.as_str().len();
            (close || begins_alike).then_some((distance, known))
        })
        .collect();
    near.sort();
    let near = near.into_iter().take(NEAR_NAMES_MAX);
    near.map(|(_, name)| name.clone()).collect()
}

/// `syn` of `syn-2.0.119`.
fn without_version(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, version)) if version.starts_with(|first: char| first.is_ascii_digit()) => name,
        _ => name,
    }
}

/// How many letters have to be inserted, deleted or replaced (Levenshtein).
fn edit_distance(one: &str, other: &str) -> usize {
    let other = other.as_bytes();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests;
