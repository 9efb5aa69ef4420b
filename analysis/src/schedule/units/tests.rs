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
        runtime_groups: Vec::new(),
        toolchain_units: Vec::new(),
    }
}

fn selection(include: &[&str], profiles: &[Profile], scenarios: &[ScenarioKind]) -> Selection {
    Selection {
        kinds: Vec::new(),
        include: include.iter().map(|name| name.parse().unwrap()).collect(),
        profiles: profiles.to_vec(),
        scenarios: scenarios.to_vec(),
        ..Selection::default()
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
        let names = chosen.filter_map(|unit| match unit {
            WantedUnit::Compile(unit) => Some(unit.benchmark.to_string()),
            _ => None,
        });
        names.collect::<Vec<_>>()
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

fn catalogue_of_all_kinds() -> SuiteCatalogue {
    let group = |name: &str, benchmarks: &[&str]| RuntimeGroupEntry {
        name: name.parse().unwrap(),
        category: Category::Primary,
        benchmarks: benchmarks
            .iter()
            .map(|name| name.parse().unwrap())
            .collect(),
    };
    SuiteCatalogue {
        runtime_groups: vec![
            group("sorting", &["strings", "integers"]),
            group("regex", &["search"]),
        ],
        toolchain_units: vec![
            ToolchainUnit::ComponentSizes,
            ToolchainUnit::Workspace {
                benchmark: "syn-2.0.119".parse().unwrap(),
            },
        ],
        ..catalogue()
    }
}

fn of_kinds(kinds: &[BenchmarkKind], include: &[&str]) -> Result<Vec<WantedUnit>, AnalysisError> {
    let selection = Selection {
        kinds: kinds.to_vec(),
        ..selection(include, &[Profile::Check], &[ScenarioKind::Full])
    };
    units(&catalogue_of_all_kinds(), &selection)
}

#[test]
fn programs_and_toolchains_are_measured_only_where_their_kind_is_asked_for() {
    assert_eq!(described(&of_kinds(&[], &[]).unwrap()).len(), 3);
    let programs = of_kinds(&[BenchmarkKind::Runtime], &[]).unwrap();
    assert_eq!(described(&programs), ["sorting", "regex"]);
    let all = of_kinds(BenchmarkKind::ALL, &[]).unwrap();
    assert_eq!(
        described(&all)[3..],
        [
            "sorting",
            "regex",
            "component-sizes",
            "workspace-syn-2.0.119"
        ]
    );
}

#[test]
fn a_program_is_chosen_by_its_group_or_by_its_name() {
    let chosen = |include: &[&str]| {
        let units = of_kinds(&[BenchmarkKind::Runtime], include).unwrap();
        let cases = units.iter().flat_map(|unit| match unit {
            WantedUnit::Runtime(unit) => unit.test_cases().map(|case| case.name()).collect(),
            _ => Vec::new(),
        });
        cases.collect::<Vec<String>>()
    };
    assert_eq!(
        chosen(&["sorting"]),
        ["sorting/strings", "sorting/integers"]
    );
    assert_eq!(
        chosen(&["integers", "regex"]),
        ["sorting/integers", "regex/search"]
    );
}

#[test]
fn a_name_of_a_kind_that_is_not_asked_for_is_unknown() {
    assert!(of_kinds(&[], &["sorting"]).is_err());
    let refused = of_kinds(&[BenchmarkKind::Runtime], &["sortin"]).unwrap_err();
    assert!(
        refused.to_string().contains("did you mean `sorting`"),
        "{refused}"
    );
    assert!(of_kinds(BenchmarkKind::ALL, &["workspace-syn-2.0.119", "sorting"]).is_ok());
}

#[test]
fn a_kind_of_which_the_suite_has_nothing_is_refused_and_not_left_out() {
    let selection = Selection {
        kinds: vec![BenchmarkKind::Compile, BenchmarkKind::Toolchain],
        ..Selection::default()
    };
    let refused = units(&catalogue(), &selection).unwrap_err().to_string();
    assert!(refused.contains("no toolchain benchmarks"), "{refused}");
}
