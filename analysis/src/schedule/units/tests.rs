use shared_types::FormatVersion;
use shared_types::collector::Exclusion;
use shared_types::test_case::ScenarioKind;
use shared_types::{Category, Scenario};

use super::*;

fn catalogue() -> SuiteCatalogue {
    let entry = |name: &str, patches: &[&str], excluded: Vec<Exclusion>| CatalogueEntry {
        name: name.parse().unwrap(),
        category: Category::Primary,
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
        runtime_groups: Vec::new(),
        toolchain_units: Vec::new(),
    }
}

fn selection(include: &[&str], profiles: &[Profile], scenarios: &[ScenarioKind]) -> Selection {
    Selection {
        kinds: Vec::new(),
        include: include.iter().map(|name| name.parse().unwrap()).collect(),
        exclude: Vec::new(),
        profiles: profiles.to_vec(),
        scenarios: scenarios.to_vec(),
    }
}

fn described(units: &[WantedUnit]) -> Vec<String> {
    let units = units.iter().map(|unit| {
        let WantedUnit::Compile(unit) = unit else {
            return unit.name();
        };
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
