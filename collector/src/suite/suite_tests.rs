use std::collections::BTreeSet;

use shared_types::test_case::WantedCategory;
use shared_types::{Category, Profile, Scenario};

use super::*;

fn suite() -> Suite {
    Suite::load(&suite_directory(None, None)).unwrap()
}

fn names(selection: &Selection) -> Vec<String> {
    let suite = suite();
    let selected = suite.select(selection).unwrap();
    selected
        .iter()
        .map(|benchmark| benchmark.name.to_string())
        .collect()
}

#[test]
fn the_suite_holds_real_crates_programs_and_stress_crates() {
    let suite = suite();
    let count = |wanted: fn(&Benchmark) -> bool| {
        suite
            .benchmarks
            .iter()
            .filter(|benchmark| wanted(benchmark))
            .count()
    };
    assert!(count(|benchmark| matches!(benchmark.source, BenchmarkSource::Registry(_))) >= 40);
    assert!(count(|benchmark| matches!(benchmark.source, BenchmarkSource::Stress { .. })) >= 15);
    assert!(count(|benchmark| matches!(benchmark.artifact, ArtifactKind::Binary { .. })) >= 3);
    assert!(count(|benchmark| benchmark.category == Category::Primary) >= 25);
    assert!(count(|benchmark| benchmark.category == Category::Secondary) >= 15);
}

#[test]
fn three_benchmarks_are_quick_and_all_of_them_are_in_the_demonstration() {
    let subset = |subset| {
        names(&Selection {
            subset: Some(subset),
            ..Selection::default()
        })
    };
    let (quick, demo) = (subset(Subset::Quick), subset(Subset::Demo));
    assert_eq!(quick.len(), 3);
    assert!(quick.iter().all(|name| demo.contains(name)));
    assert!((5..=6).contains(&demo.len()), "{demo:?}");
}

#[test]
fn those_that_stay_at_their_versions_are_real_crates_and_fewer_than_half() {
    let suite = suite();
    let stable: Vec<_> = suite
        .benchmarks
        .iter()
        .filter(|benchmark| benchmark.stable)
        .collect();
    assert!(stable.len() >= 10 && stable.len() * 2 < suite.benchmarks.len());
    for benchmark in stable {
        assert!(
            matches!(benchmark.source, BenchmarkSource::Registry(_)),
            "{} can change",
            benchmark.name
        );
    }
}

#[test]
fn every_benchmark_has_a_patch_and_each_changes_its_crate() {
    for benchmark in suite().benchmarks {
        assert!(!benchmark.patches.is_empty(), "{}", benchmark.name);
        for patch in &benchmark.patches {
            let mut added = patch.text.lines().filter(|line| {
                line.starts_with('+') && !line.starts_with("+++") && line.trim().len() > 1
            });
            assert!(
                added.any(|line| !line[1..].trim_start().starts_with("//")),
                "{}/{} changes no code",
                benchmark.name,
                patch.name
            );
        }
    }
}

#[test]
fn what_rustdoc_does_not_do_is_excluded_from_both_kinds_of_documentation() {
    for benchmark in suite().benchmarks {
        let excluded = |profile| benchmark.excludes(profile, &Scenario::Full);
        assert_eq!(
            excluded(Profile::Doc),
            excluded(Profile::DocJson),
            "{}",
            benchmark.name
        );
    }
}

#[test]
fn the_documentation_of_a_stress_crate_begins_with_what_it_stresses() {
    for benchmark in suite().benchmarks {
        let BenchmarkSource::Stress { files, .. } = &benchmark.source else {
            continue;
        };
        let is_library = |file: &&SourceFile| file.path == Path::new("src/lib.rs");
        let library = files.iter().find(is_library).unwrap();
        let text = std::str::from_utf8(&library.content).unwrap();
        assert!(text.starts_with("//! Stresses **"), "{}", benchmark.name);
    }
}

#[test]
fn the_readme_says_of_every_benchmark_what_it_is_there_for() {
    let readme = std::fs::read_to_string(suite_directory(None, None).join("README.md")).unwrap();
    for benchmark in suite().benchmarks {
        let row = format!("\n| {} | ", benchmark.name);
        assert_eq!(readme.matches(&row).count(), 1, "{}", benchmark.name);
    }
}

#[test]
fn a_registry_benchmark_is_named_by_its_crate_and_has_a_lock_file_for_it() {
    for benchmark in suite().benchmarks {
        let lock: toml::Table = benchmark.lock.clone().unwrap().parse().unwrap();
        let version = match &benchmark.source {
            BenchmarkSource::Registry(registry) => {
                // What follows `+` in a version only describes it, and no name has a `+`.
                let version = registry.version.split('+').next().unwrap();
                let name = format!("{}-{version}", registry.package);
                assert_eq!(benchmark.name.as_str(), name);
                registry.version.clone()
            }
            BenchmarkSource::Stress { package, .. } => {
                assert_eq!(benchmark.name.as_str(), package);
                "1.0.0".to_owned()
            }
        };
        let is_root = |package: &&toml::Value| {
            package["name"].as_str() == Some(benchmark.package()) && package.get("source").is_none()
        };
        let packages = lock["package"].as_array().unwrap();
        let root = packages.iter().find(is_root).unwrap();
        assert_eq!(
            root["version"].as_str(),
            Some(version.as_str()),
            "{}",
            benchmark.name
        );
    }
}

#[test]
fn lock_files_name_the_public_registry_and_nothing_else() {
    for benchmark in suite().benchmarks {
        let lock = benchmark.lock.unwrap();
        for source in lock.lines().filter(|line| line.starts_with("source = ")) {
            let public = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
            assert_eq!(source, public, "{}", benchmark.name);
        }
    }
}

#[test]
fn every_file_of_locks_and_patches_belongs_to_a_benchmark() {
    let directory = suite_directory(None, None);
    let suite = suite();
    let known: BTreeSet<String> = suite
        .benchmarks
        .iter()
        .flat_map(|benchmark| {
            let patches = benchmark
                .patches
                .iter()
                .map(|patch| format!("patches/{}/{}.patch", benchmark.name, patch.name));
            patches.chain([format!("locks/{}.lock", benchmark.name)])
        })
        .collect();
    for folder in ["locks", "patches"] {
        for file in source_tree::read(&directory.join(folder)).unwrap() {
            let path = format!("{folder}/{}", file.path.display());
            assert!(known.contains(&path), "nobody uses {path}");
        }
    }
}

#[test]
fn every_crate_is_measured_in_full_under_check_and_debug() {
    for benchmark in suite().benchmarks {
        for profile in [Profile::Check, Profile::Debug] {
            assert_eq!(
                benchmark.excludes(profile, &Scenario::Full),
                None,
                "{}",
                benchmark.name
            );
        }
    }
}

#[test]
fn a_benchmark_is_chosen_by_its_full_name_or_by_its_crate() {
    let chosen = |include: &[&str], exclude: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        names(&Selection {
            include: owned(include),
            exclude: owned(exclude),
            ..Selection::default()
        })
    };
    assert_eq!(
        chosen(&["itoa", "http-1.5.0"], &[]),
        ["itoa-1.0.19", "http-1.5.0"]
    );
    assert_eq!(chosen(&["itoa", "http"], &["http"]), ["itoa-1.0.19"]);
    assert_eq!(chosen(&[], &["itoa"]).len(), suite().benchmarks.len() - 1);
}

#[test]
fn categories_narrow_a_selection() {
    let secondary = names(&Selection {
        categories: vec![WantedCategory::Secondary],
        ..Selection::default()
    });
    assert!(secondary.contains(&"deep-generics".to_owned()));
    assert!(!secondary.contains(&"itoa-1.0.19".to_owned()));
    let stable = names(&Selection {
        categories: vec![WantedCategory::Stable],
        ..Selection::default()
    });
    for category in [WantedCategory::Primary, WantedCategory::Secondary] {
        let of_both = names(&Selection {
            categories: vec![category, WantedCategory::Stable],
            ..Selection::default()
        });
        let of_one = names(&Selection {
            categories: vec![category],
            ..Selection::default()
        });
        assert!(stable.iter().all(|name| of_both.contains(name)));
        assert!(stable.iter().any(|name| of_one.contains(name)));
        assert!(of_one.len() < of_both.len());
    }
}

#[test]
fn a_wrong_name_and_an_empty_selection_are_said_to_be_so() {
    let suite = suite();
    let mut selection = Selection {
        exclude: vec!["ito".to_owned()],
        ..Selection::default()
    };
    let error = suite.select(&selection).unwrap_err().to_string();
    assert!(
        error.contains("`ito`") && error.contains("itoa-1.0.19"),
        "{error}"
    );
    selection.exclude = vec!["itoa".to_owned()];
    selection.include = vec!["itoa".to_owned()];
    let error = suite.select(&selection).unwrap_err();
    assert!(matches!(error, CollectorError::NothingSelected));
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_checkout() {
    let option = Path::new("option");
    assert_eq!(
        suite_directory(Some(option), Some("variable".into())),
        option
    );
    assert_eq!(
        suite_directory(None, Some("variable".into())),
        Path::new("variable")
    );
    assert!(
        suite_directory(None, Some("".into()))
            .join("suite.toml")
            .is_file()
    );
}

#[test]
fn a_folder_without_a_suite_is_refused_with_the_two_ways_to_name_one() {
    let folder = tempfile::tempdir().unwrap();
    let error = Suite::load(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("--suite DIR") && error.contains(SUITE_DIR_VARIABLE),
        "{error}"
    );
}

#[test]
fn a_missing_patch_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("stress/small/src")).unwrap();
    let manifest = "format = \"1.0\"\n[[benchmark]]\nname = \"small\"\ncategory = \"secondary\"\n\
                    artifact = \"library\"\npath = \"stress/small\"\npatches = [\"gone\"]\n";
    std::fs::write(folder.path().join("suite.toml"), manifest).unwrap();
    let error = Suite::load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("patches/small/gone.patch"), "{error}");
}

#[test]
fn every_group_of_runtime_benchmarks_has_a_lock_file_with_checksums_and_programs_in_its_sources() {
    let suite = suite();
    assert!(suite.runtime_groups.len() >= 8);
    let of_registry = |text: &str| text.matches("\nsource = ").count();
    for group in &suite.runtime_groups {
        let lock = &group.lock;
        assert_eq!(of_registry(lock), lock.matches("\nchecksum = ").count());
        assert!(lock.contains(&format!("name = \"{}\"", group.name)));
        let main = group
            .files
            .iter()
            .find(|file| file.path.ends_with("main.rs"));
        let main = String::from_utf8_lossy(&main.unwrap().content).into_owned();
        for benchmark in &group.benchmarks {
            let call = format!("group.benchmark(\"{benchmark}\"");
            assert!(main.contains(&call), "{}/{benchmark}", group.name);
        }
    }
    assert_eq!(suite.whole_builds.len(), 1);
}
