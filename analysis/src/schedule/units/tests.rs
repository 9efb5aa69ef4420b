use shared_types::FormatVersion;
use shared_types::collector::Exclusion;
use shared_types::test_case::{ScenarioKind, WantedCategory};
use shared_types::{Category, Scenario};

use super::*;

fn catalogue() -> SuiteCatalogue {
    let entry = |name: &str, patches: &[&str], excluded: Vec<Exclusion>| CatalogueEntry {
        name: name.parse().unwrap(),
        category: Category::Primary,
        stable: false,
        patches: patches.iter().map(|patch| patch.parse().unwrap()).collect(),
        excluded,
    };
    let no_doc = Exclusion {
        profile: Some(Profile::Doc),
        scenario: None,
        reason: "its documentation needs a network".to_owned(),
    };
    SuiteCatalogue {
        format: FormatVersion::V1_0,
        benchmarks: vec![
            entry("syn-2.0.119", &["println", "new-field"], Vec::new()),
            entry("serde-1.0.229", &[], vec![no_doc]),
            entry("serde_core-1.0.229", &[], Vec::new()),
        ],
    }
}

fn selection(include: &[&str], profiles: &[Profile], scenarios: &[ScenarioKind]) -> Selection {
    Selection {
        include: include.iter().map(|name| name.parse().unwrap()).collect(),
        profiles: profiles.to_vec(),
        scenarios: scenarios.to_vec(),
        ..Selection::default()
    }
}

fn described(units: &[JobUnit]) -> Vec<String> {
    let units = units.iter().map(|unit| {
        let scenarios: Vec<String> = unit.scenarios.iter().map(Scenario::to_string).collect();
        format!(
            "{}/{}: {}",
            unit.benchmark,
            unit.profile,
            scenarios.join(" ")
        )
    });
    units.collect()
}

#[test]
fn a_selection_that_names_nothing_means_all_but_what_is_excluded() {
    let units = units(&catalogue(), &Selection::default()).unwrap();
    assert_eq!(
        described(&units)[..5],
        [
            "syn-2.0.119/check: full incr-full incr-unchanged incr-patched:println \
             incr-patched:new-field",
            "syn-2.0.119/debug: full incr-full incr-unchanged incr-patched:println \
             incr-patched:new-field",
            "syn-2.0.119/opt: full incr-full incr-unchanged incr-patched:println \
             incr-patched:new-field",
            "syn-2.0.119/doc: full",
            "serde-1.0.229/check: full incr-full incr-unchanged",
        ]
    );
    assert!(
        !described(&units)
            .iter()
            .any(|unit| unit.starts_with("serde-1.0.229/doc"))
    );
}

#[test]
fn wanted_scenarios_stay_in_the_order_in_which_they_depend_on_each_other() {
    let wanted = [ScenarioKind::IncrPatched, ScenarioKind::Full];
    let selection = selection(&["syn-2.0.119"], &[Profile::Check], &wanted);
    assert_eq!(
        described(&units(&catalogue(), &selection).unwrap()),
        ["syn-2.0.119/check: full incr-patched:println incr-patched:new-field"]
    );
}

#[test]
fn unknown_benchmarks_are_refused_with_names_that_are_near() {
    let error = |name: &str| {
        let selection = selection(&[name], &[], &[]);
        units(&catalogue(), &selection).unwrap_err().to_string()
    };
    assert_eq!(
        error("syn"),
        "the suite has no benchmark `syn` (did you mean `syn-2.0.119`?)"
    );
    assert_eq!(
        error("serde-1.0.228"),
        "the suite has no benchmark `serde-1.0.228` (did you mean `serde-1.0.229` or \
         `serde_core-1.0.229`?)"
    );
    assert_eq!(error("xyz"), "the suite has no benchmark `xyz`");
}

#[test]
fn a_selection_that_leaves_nothing_is_refused_with_the_reason() {
    let doc_alone = selection(&["serde-1.0.229"], &[Profile::Doc], &[]);
    assert_eq!(
        units(&catalogue(), &doc_alone).unwrap_err().to_string(),
        "the selection leaves nothing to measure: none of the benchmarks has one of the wanted \
         scenarios under one of the wanted profiles"
    );
    let mut contradiction = selection(&["serde-1.0.229"], &[], &[]);
    contradiction.exclude = contradiction.include.clone();
    let error = units(&catalogue(), &contradiction).unwrap_err().to_string();
    assert!(
        error.ends_with("every benchmark that is included is also excluded"),
        "{error}"
    );
}

#[test]
fn distances_are_counted_in_letters() {
    assert_eq!(edit_distance("", "abc"), 3);
    assert_eq!(edit_distance("kitten", "sitting"), 3);
    assert_eq!(edit_distance("same", "same"), 0);
}

#[test]
fn each_wanted_category_adds_its_benchmarks() {
    let mut catalogue = catalogue();
    catalogue.benchmarks[1].category = Category::Secondary;
    catalogue.benchmarks[2].stable = true;
    let chosen = |categories: &[WantedCategory]| {
        let selection = Selection {
            profiles: vec![Profile::Check],
            categories: categories.to_vec(),
            ..Selection::default()
        };
        let chosen = units(&catalogue, &selection).unwrap().into_iter();
        chosen
            .map(|unit| unit.benchmark.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(chosen(&[]).len(), 3);
    assert_eq!(chosen(&[WantedCategory::Stable]), ["serde_core-1.0.229"]);
    assert_eq!(
        chosen(&[WantedCategory::Secondary, WantedCategory::Stable]),
        ["serde-1.0.229", "serde_core-1.0.229"]
    );
}

#[test]
fn a_category_that_no_benchmark_is_of_is_named_as_the_reason() {
    let selection = Selection {
        categories: vec![WantedCategory::Stable],
        ..Selection::default()
    };
    let error = units(&catalogue(), &selection).unwrap_err().to_string();
    assert!(error.contains("is of a wanted category"), "{error}");
}
