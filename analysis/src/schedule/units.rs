//! What a selection means on a suite.

use shared_types::collector::{CatalogueEntry, SuiteCatalogue};
use shared_types::job::JobUnit;
use shared_types::request::Selection;
use shared_types::{BenchmarkName, Profile};

use crate::AnalysisError;
use crate::error::UnknownBenchmark;

/// The profiles of a selection that names none.
const DEFAULT_PROFILES: [Profile; 4] = [Profile::Check, Profile::Debug, Profile::Opt, Profile::Doc];

/// How many similar names are offered for an unknown one.
const NEAR_NAMES_MAX: usize = 3;

/// The units that `selection` wants of a suite: each benchmark under each profile with all the
/// scenarios that are wanted and not excluded, in the order of the suite. A combination without a
/// scenario is left out.
///
/// # Errors
/// When the selection names benchmarks that the suite does not have, or leaves nothing.
pub fn units(
    catalogue: &SuiteCatalogue,
    selection: &Selection,
) -> Result<Vec<JobUnit>, AnalysisError> {
    check_names(catalogue, selection)?;
    let profiles = if selection.profiles.is_empty() {
        &DEFAULT_PROFILES[..]
    } else {
        &selection.profiles
    };
    let benchmarks = catalogue.benchmarks.iter();
    let benchmarks = benchmarks.filter(|entry| is_named(selection, entry));
    let benchmarks = benchmarks.filter(|entry| is_of_category(selection, entry));
    let mut units = Vec::new();
    for entry in benchmarks {
        for profile in Profile::ALL {
            if profiles.contains(profile) {
                units.extend(unit(entry, *profile, selection));
            }
        }
    }
    if units.is_empty() {
        return Err(AnalysisError::NothingSelected {
            reason: why_empty(catalogue, selection),
        });
    }
    Ok(units)
}

fn is_named(selection: &Selection, entry: &CatalogueEntry) -> bool {
    let included = selection.include.is_empty() || selection.include.contains(&entry.name);
    included && !selection.exclude.contains(&entry.name)
}

fn is_of_category(selection: &Selection, entry: &CatalogueEntry) -> bool {
    let mut wanted = selection.categories.iter();
    selection.categories.is_empty()
        || wanted.any(|wanted| wanted.admits(entry.category, entry.stable))
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
    if catalogue.benchmarks.is_empty() {
        return "the suite has no benchmarks".to_owned();
    }
    let benchmarks = catalogue.benchmarks.iter();
    let named: Vec<&CatalogueEntry> = benchmarks
        .filter(|entry| is_named(selection, entry))
        .collect();
    let reason = if named.is_empty() {
        "every benchmark that is included is also excluded"
    } else if !named.iter().any(|entry| is_of_category(selection, entry)) {
        "none of the benchmarks is of a wanted category"
    } else {
        "none of the benchmarks has one of the wanted scenarios under one of the wanted profiles"
    };
    reason.to_owned()
}

fn check_names(catalogue: &SuiteCatalogue, selection: &Selection) -> Result<(), AnalysisError> {
    let named = selection.include.iter().chain(&selection.exclude);
    let mut unknown: Vec<UnknownBenchmark> = Vec::new();
    for name in named {
        let known = catalogue.benchmarks.iter().any(|entry| entry.name == *name);
        if !known && !unknown.iter().any(|unknown| unknown.name == *name) {
            unknown.push(UnknownBenchmark {
                name: name.clone(),
                near: near(catalogue, name),
            });
        }
    }
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(AnalysisError::UnknownBenchmarks(unknown))
    }
}

/// Names that begin like `name`, or differ from it in a third of its letters at most.
fn near(catalogue: &SuiteCatalogue, name: &BenchmarkName) -> Vec<BenchmarkName> {
    let mut near: Vec<(usize, &BenchmarkName)> = catalogue
        .benchmarks
        .iter()
        .filter_map(|entry| {
            let distance = edit_distance(name.as_str(), entry.name.as_str());
            let crate_name = without_version(name.as_str());
            let begins_alike = without_version(entry.name.as_str()) == crate_name
                || entry.name.as_str().starts_with(crate_name);
            let close = distance * 3 <= name.as_str().len();
            (close || begins_alike).then_some((distance, &entry.name))
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
