use std::path::PathBuf;

use super::*;

fn stress_benchmark() -> Benchmark {
    let patch = |name: &str| Patch {
        name: name.parse().unwrap(),
        text: format!("change {name}"),
    };
    Benchmark {
        name: "example".parse().unwrap(),
        category: Category::Secondary,
        artifact: ArtifactKind::Library,
        source: BenchmarkSource::Stress {
            package: "example".to_owned(),
            files: vec![SourceFile {
                path: PathBuf::from("src/lib.rs"),
                content: b"pub fn one() {}".to_vec(),
            }],
        },
        features: vec!["one".to_owned(), "two".to_owned()],
        default_features: false,
        lock: Some("version = 4".to_owned()),
        patches: vec![patch("first"), patch("second")],
        exclusions: vec![
            Exclusion {
                profile: Some(Profile::Doc),
                scenario: None,
                reason: "no bodies".to_owned(),
            },
            Exclusion {
                profile: Some(Profile::Opt),
                scenario: Some(ScenarioKind::IncrPatched),
                reason: "too slow".to_owned(),
            },
            Exclusion {
                profile: None,
                scenario: Some(ScenarioKind::IncrUnchanged),
                reason: "nothing new".to_owned(),
            },
        ],
        quick: false,
        demo: false,
        stable: false,
    }
}

#[test]
fn an_excluded_combination_comes_with_its_reason() {
    let benchmark = stress_benchmark();
    let patched = Scenario::IncrPatched("first".parse().unwrap());
    assert_eq!(
        benchmark.excludes(Profile::Doc, &Scenario::Full),
        Some("no bodies")
    );
    assert_eq!(benchmark.excludes(Profile::Opt, &patched), Some("too slow"));
    assert_eq!(benchmark.excludes(Profile::Opt, &Scenario::Full), None);
    assert_eq!(benchmark.excludes(Profile::Check, &patched), None);
    assert_eq!(
        benchmark.excludes(Profile::Check, &Scenario::IncrUnchanged),
        Some("nothing new")
    );
}

#[test]
fn scenarios_come_in_the_order_in_which_they_depend_on_each_other() {
    let benchmark = stress_benchmark();
    let names = |profile, wanted: &[ScenarioKind]| -> Vec<String> {
        let scenarios = benchmark.scenarios(profile, wanted);
        scenarios.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        names(Profile::Check, ScenarioKind::ALL),
        [
            "full",
            "incr-full",
            "incr-patched:first",
            "incr-patched:second"
        ]
    );
    assert_eq!(
        names(Profile::Opt, ScenarioKind::ALL),
        ["full", "incr-full"]
    );
    assert_eq!(
        names(Profile::Check, &[ScenarioKind::IncrFull]),
        ["incr-full"]
    );
    assert!(names(Profile::Doc, ScenarioKind::ALL).is_empty());
}

#[test]
fn each_patch_stands_on_those_before_it() {
    let benchmark = stress_benchmark();
    let until = |name: &str| -> Vec<&str> {
        let patches = benchmark.patches_until(&name.parse().unwrap());
        patches.iter().map(|patch| patch.name.as_str()).collect()
    };
    assert_eq!(until("first"), ["first"]);
    assert_eq!(until("second"), ["first", "second"]);
    assert!(until("third").is_empty());
}

#[test]
fn features_and_target_are_said_in_cargo_s_words() {
    let mut benchmark = stress_benchmark();
    assert_eq!(
        benchmark.feature_options(),
        ["--no-default-features", "--features", "one,two"]
    );
    assert_eq!(benchmark.target_options(), ["--lib"]);
    benchmark.features.clear();
    benchmark.default_features = true;
    benchmark.artifact = ArtifactKind::Binary {
        target: "rg".to_owned(),
    };
    assert!(benchmark.feature_options().is_empty());
    assert_eq!(benchmark.target_options(), ["--bin", "rg"]);
}

#[test]
fn whatever_changes_the_compilation_begins_a_new_epoch() {
    let changes: [fn(&mut Benchmark); 9] = [
        |benchmark| benchmark.lock = Some("version = 3".to_owned()),
        |benchmark| benchmark.features.truncate(1),
        |benchmark| benchmark.default_features = true,
        |benchmark| benchmark.patches[0].text.push('!'),
        |benchmark| benchmark.patches.swap(0, 1),
        |benchmark| {
            benchmark.artifact = ArtifactKind::Binary {
                target: "example".to_owned(),
            };
        },
        |benchmark| {
            if let BenchmarkSource::Stress { files, .. } = &mut benchmark.source {
                files[0].content.push(b' ');
            }
        },
        |benchmark| {
            if let BenchmarkSource::Stress { files, .. } = &mut benchmark.source {
                files[0].path = "src/main.rs".into();
            }
        },
        |benchmark| {
            benchmark.source = BenchmarkSource::Registry(RegistryCrate {
                package: "example".to_owned(),
                version: "1.0.0".to_owned(),
                sha256: "0".repeat(64),
            });
        },
    ];
    let mut hashes = vec![stress_benchmark().epoch_inputs_hash()];
    for change in changes {
        let mut benchmark = stress_benchmark();
        change(&mut benchmark);
        hashes.push(benchmark.epoch_inputs_hash());
    }
    assert!(hashes.iter().all(|hash| hash.len() == 64));
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 10, "two changes have the same hash");
}

#[test]
fn what_only_describes_a_benchmark_keeps_the_epoch() {
    let mut benchmark = stress_benchmark();
    let before = benchmark.epoch_inputs_hash();
    benchmark.category = Category::Primary;
    benchmark.quick = true;
    benchmark.demo = true;
    benchmark.exclusions.clear();
    assert_eq!(benchmark.epoch_inputs_hash(), before);
}
