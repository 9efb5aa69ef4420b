//! Exports of rustc-perf, as real SQLite files.

use functions::import::rustc_perf::{ImportedExport, LeftOut};
use functions::{FunctionsError, import};
use shared_types::comparison::Verdict;
use shared_types::{ArtifactId, RunId};

use crate::export_builder::{ARM, Export, FIRST_COMMIT, X86, add_values, sha, small_export};
use crate::world::{World, compare_query};

const CONFIGURATION: &str = "rustc-perf-x86_64-unknown-linux-gnu-llvm-t1";

async fn imported(world: &World, export: &Export) -> ImportedExport {
    import::rustc_perf(&world.context, &export.path())
        .await
        .unwrap()
}

async fn refused(world: &World, path: &std::path::Path) -> String {
    let refused: FunctionsError = import::rustc_perf(&world.context, path).await.unwrap_err();
    refused.to_string()
}

fn described(left_out: &[LeftOut]) -> String {
    let lines: Vec<String> = left_out
        .iter()
        .map(|one| format!("{}: {} ({} rows)", one.what, one.reason, one.rows))
        .collect();
    lines.join("\n")
}

async fn compare(world: &World, base: u32, head: u32) -> shared_types::comparison::Comparison {
    let sides = format!("{}..{}", sha(base), sha(head));
    compare_query(&world.context, &sides, CONFIGURATION)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_export_is_imported_with_every_iteration_and_the_order_of_its_commits() {
    let world = World::new().await;
    let export = small_export(1.1);
    let imported = imported(&world, &export).await;
    assert_eq!((imported.runs, imported.runs_new), (3, 3));
    assert_eq!((imported.rows, imported.values), (24, 24));
    assert_eq!(
        (imported.artifacts, imported.artifacts_with_history),
        (3, 3)
    );
    let mut assumptions = imported.assumptions.iter();
    assert!(
        assumptions.all(|said| said.contains("tells no target")),
        "{:?}",
        imported.assumptions
    );
    let index = &world.context.store.index;
    let last = index.artifact(&sha(3).parse().unwrap()).await.unwrap();
    let history = last.unwrap().history.unwrap();
    assert_eq!(history.parent.unwrap().to_string(), sha(2));

    let comparison = compare(&world, 2, 3).await;
    assert_eq!(comparison.metric, "instructions:u");
    assert_eq!(comparison.verdict, Verdict::Regressed);
    let cases: Vec<(&str, usize)> = comparison
        .test_cases
        .iter()
        .map(|case| (case.name.as_str(), case.head_iterations.len()))
        .collect();
    assert_eq!(
        cases,
        [
            ("deep-vector/opt/incr-patched:println", 2),
            ("syn-2.0.101/check/full", 2)
        ]
    );
    assert_eq!(comparison.summary.primary.test_cases, 1);
    assert_eq!(comparison.summary.secondary.test_cases, 1);
}

#[tokio::test]
async fn the_same_import_again_changes_nothing_however_the_file_is_compressed() {
    let world = World::new().await;
    let export = small_export(1.1);
    imported(&world, &export).await;
    let before = compare(&world, 2, 3).await;
    let zstd = export.compressed("export.sqlite.zst", |bytes| {
        zstd::encode_all(bytes, 1).unwrap()
    });
    let gzip = export.compressed("export.sqlite.gz", |bytes| {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    });
    for path in [export.path(), zstd, gzip] {
        let again = import::rustc_perf(&world.context, &path).await.unwrap();
        assert_eq!((again.runs, again.runs_new), (3, 0), "{}", path.display());
    }
    assert_eq!(compare(&world, 2, 3).await, before);
    assert_eq!(world.run_count(CONFIGURATION).await, 3);
}

#[tokio::test]
async fn a_newer_export_adds_what_is_new_also_of_a_commit_that_was_being_measured() {
    let world = World::new().await;
    let export = small_export(1.1);
    // Half of the last commit is there, and one of its iterations.
    export.sql("DELETE FROM pstat WHERE aid = 3 AND (series IN (2, 12) OR cid = 31)");
    imported(&world, &export).await;
    assert_eq!(compare(&world, 2, 3).await.test_cases.len(), 1);

    export.sql("DELETE FROM pstat WHERE aid = 3");
    add_values(&export, 3, 1.1);
    export.commit(4, "master", 4);
    add_values(&export, 4, 1.1);
    let newer = imported(&world, &export).await;
    assert_eq!((newer.runs, newer.runs_new), (4, 2));
    let comparison = compare(&world, 2, 3).await;
    assert_eq!(comparison.test_cases.len(), 2);
    for case in &comparison.test_cases {
        assert_eq!(case.head_iterations.len(), 2, "{}", case.name);
    }
    let again = imported(&world, &export).await;
    assert_eq!((again.runs, again.runs_new), (4, 0));
    assert_eq!(compare(&world, 2, 3).await, comparison);
}

/// Three compilers, of each a compilation under four configurations; of the first also a program, a crate
/// of its own build and a component.
fn export_of_every_kind() -> Export {
    let export = Export::new();
    export.commit(1, "master", 1);
    export.commit(2, "try", 2);
    export.artifact(3, "1.95.0", "release", Some(FIRST_COMMIT));
    for (id, of) in [
        (1, ("llvm", X86, 1)),
        (2, ("cranelift", X86, 1)),
        (3, ("llvm", ARM, 1)),
        (4, ("cranelift", ARM, 4)),
    ] {
        export.series(id, "syn-2.0.101/doc-json/full", of, "max-rss");
        for artifact in 1..=3 {
            export.value(id, artifact, 1, 1000.0);
        }
    }
    export.sql(&format!(
        "INSERT INTO runtime_pstat_series VALUES (1, 'nbody-10k', '{X86}', 'wall-time');
         INSERT INTO runtime_pstat VALUES (1, 1, 1, 2500000000);
         INSERT INTO rustc_compilation VALUES (1, 1, 'rustc_middle', 90000000000);
         INSERT INTO artifact_size VALUES (1, 'librustc_driver', 123456789);"
    ));
    export
}

/// What was imported of a compiler, a line for each value.
async fn values_of(world: &World, artifact: &ArtifactId) -> Vec<String> {
    let index = &world.context.store.index;
    let run = RunId {
        artifact: artifact.clone(),
        configuration: CONFIGURATION.parse().unwrap(),
    };
    let results = index.results_of_run(&run).await.unwrap();
    let (bytes, _) = world
        .context
        .store
        .objects
        .get(&results[0].key)
        .await
        .unwrap()
        .unwrap();
    let document = functions::result_objects::decode(&results[0].key, &bytes).unwrap();
    document
        .measurements
        .iter()
        .flat_map(|one| one.values.iter().map(move |values| (one, values)))
        .map(|(one, values)| {
            let metric = document
                .metrics
                .iter()
                .find(|metric| metric.name == values.metric);
            let unit = metric.unwrap().unit;
            format!(
                "{} {} {:?} {unit}",
                one.test_case, values.metric, values.iterations
            )
        })
        .collect()
}

#[tokio::test]
async fn every_kind_and_every_configuration_of_an_export_finds_its_place() {
    let world = World::new().await;
    let export = export_of_every_kind();
    let imported = imported(&world, &export).await;
    let configurations: Vec<&str> = imported
        .configurations
        .iter()
        .map(|id| id.as_str())
        .collect();
    insta::assert_snapshot!("configurations_of_an_export", configurations.join("\n"));

    let index = &world.context.store.index;
    let artifact = |name: &str| name.parse::<ArtifactId>().unwrap();
    let history = async |name: &str| {
        let known = index.artifact(&artifact(name)).await.unwrap().unwrap();
        known.history.map(|history| history.line.as_str())
    };
    assert_eq!(history(&sha(1)).await, Some("main"));
    assert_eq!(history(&sha(2)).await, None);
    assert_eq!(history("release-1.95.0").await, Some("releases"));

    let values = values_of(&world, &artifact(&sha(1))).await;
    insta::assert_snapshot!("values_of_an_export", values.join("\n"));
}

#[tokio::test]
async fn a_parent_that_a_request_names_is_believed_before_dates() {
    let world = World::new().await;
    let export = small_export(1.0);
    export.sql(&format!(
        "INSERT INTO benchmark_request (tag, parent_sha, commit_type, created_at, status)
         VALUES ('{}', '{}', 'master', {FIRST_COMMIT}, 'completed')",
        sha(3),
        sha(1)
    ));
    imported(&world, &export).await;
    let index = &world.context.store.index;
    let last = index.artifact(&sha(3).parse().unwrap()).await.unwrap();
    assert_eq!(
        last.unwrap().history.unwrap().parent.unwrap().to_string(),
        sha(1)
    );
}

#[tokio::test]
async fn an_older_export_is_imported_with_what_was_assumed_of_it() {
    let world = World::new().await;
    let export = small_export(1.1);
    export.sql(
        "ALTER TABLE pstat_series DROP COLUMN target;
         ALTER TABLE pstat_series DROP COLUMN backend;
         ALTER TABLE pstat_series DROP COLUMN frontend_threads;
         ALTER TABLE pstat_series RENAME COLUMN scenario TO cache;
         ALTER TABLE pstat_series RENAME COLUMN metric TO statistic;
         DROP TABLE benchmark_request; DROP TABLE runtime_pstat; DROP TABLE artifact_size;
         DROP TABLE job_queue; DROP TABLE error;",
    );
    let imported = imported(&world, &export).await;
    assert_eq!(imported.runs_new, 3);
    assert_eq!(imported.configurations[0].as_str(), CONFIGURATION);
    insta::assert_snapshot!(
        "assumptions_of_an_older_export",
        imported.assumptions.join("\n")
    );
}

/// A small export with much in it that cannot be kept.
fn odd_export() -> Export {
    let export = small_export(1.1);
    export.artifact(-7, &sha(90), "master", None);
    export.artifact(91, "not a sha", "master", Some(FIRST_COMMIT));
    export.artifact(92, &sha(92), "beta", Some(FIRST_COMMIT));
    export.series(
        20,
        "syn-2.0.101/fast/full",
        ("llvm", X86, 1),
        "instructions:u",
    );
    export.series(
        21,
        "syn-2.0.101/check/incr-melted",
        ("llvm", X86, 1),
        "instructions:u",
    );
    export.series(
        22,
        "syn-2.0.101/check/full",
        ("llvm", X86, 0),
        "instructions:u",
    );
    export.series(
        23,
        "syn-2.0.101/check/full",
        ("llvm", X86, 1),
        "an odd metric",
    );
    export.series(
        24,
        "syn-2.0.101/check/full",
        ("llvm", X86, 1),
        "energy-cores",
    );
    export.sql(
        "INSERT INTO pstat_series VALUES (25, NULL, 'check', 'full', 'llvm', 'x', 1, 'cycles:u');",
    );
    for series in 20..=25 {
        export.value(series, 1, 1, 5.0);
    }
    // Not a number is kept as NULL by SQLite itself.
    export.value(1, -7, 1, f64::NAN);
    export.value(2, -7, 1, 7.0);
    export.value(1, 92, 1, -1.0);
    export.value(2, 92, 1, f64::INFINITY);
    export.value(11, 92, 1, 3.0);
    export.value(1, 91, 1, 1.0);
    export.value(1, 4711, 1, 1.0);
    export.value(-3, 1, 1, 1.0);
    export.sql("INSERT INTO pstat VALUES (12, 92, 1, 'NaN'), (11, 'x', 1, 1.0), (11, 1, 'x', 1.0)");
    export
}

#[tokio::test]
async fn what_cannot_be_kept_is_left_out_by_name_and_the_rest_is_taken_in() {
    let world = World::new().await;
    let export = odd_export();
    let imported = imported(&world, &export).await;
    insta::assert_snapshot!(
        "what_is_left_out_of_an_export",
        described(&imported.left_out)
    );
    assert_eq!(imported.rows_left_out, 13);
    assert!(
        imported
            .assumptions
            .iter()
            .any(|said| said.contains("energy-cores")),
        "{:?}",
        imported.assumptions
    );
    // The run with a negative number is there with the one value that it has.
    assert_eq!((imported.runs, imported.runs_new), (5, 5));
    let index = &world.context.store.index;
    let unplaced = index.artifact(&sha(90).parse().unwrap()).await.unwrap();
    assert_eq!(unplaced.unwrap().history, None);
}

#[tokio::test]
async fn failures_are_kept_where_it_is_known_under_which_configuration_they_came() {
    let world = World::new().await;
    let export = small_export(1.1);
    export.sql(&format!(
        "DELETE FROM pstat WHERE series IN (2, 12) AND aid = 3;
         INSERT INTO job_queue VALUES (5, 'x', '{X86}', 'llvm', 'opt');
         INSERT INTO error VALUES (1, 3, 'deep-vector', 'error: it broke', 5),
             (2, 3, 'Collector crashed', 'panicked', NULL), (3, 4711, 'syn', 'x', NULL);"
    ));
    let imported = imported(&world, &export).await;
    assert_eq!((imported.failures, imported.failures_without_place), (2, 0));
    let comparison = compare(&world, 2, 3).await;
    let missing = &comparison.missing[0];
    assert_eq!(missing.name, "deep-vector/opt/incr-patched:println");
    let reason = missing.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("it broke"), "{reason}");

    // Of two configurations nobody knows which it was.
    export.series(
        40,
        "syn-2.0.101/check/full",
        ("cranelift", X86, 1),
        "instructions:u",
    );
    export.value(40, 3, 30, 1.0);
    let both = import::rustc_perf(&World::new().await.context, &export.path()).await;
    let both = both.unwrap();
    assert_eq!((both.failures, both.failures_without_place), (1, 1));
}

#[tokio::test]
async fn what_is_no_export_is_refused_in_clear_words_and_nothing_of_it_is_stored() {
    let world = World::new().await;
    let export = small_export(1.1);
    let whole = std::fs::read(export.path()).unwrap();
    let text = export.file("text", b"configuration,benchmark\n");
    assert!(
        refused(&world, &text)
            .await
            .contains("is no SQLite database")
    );
    let empty = export.file("empty", b"");
    assert!(
        refused(&world, &empty)
            .await
            .contains("is no SQLite database")
    );
    let gone = export.folder().join("gone");
    assert!(refused(&world, &gone).await.contains("opening"));
    let beginning = export.file("beginning", &whole[..100]);
    let said = refused(&world, &beginning).await;
    assert!(said.contains("cannot be read"), "{said}");
    let packed = export.file("packed.zst", &zstd::encode_all(&b"text"[..], 1).unwrap());
    assert!(
        refused(&world, &packed)
            .await
            .contains("is no SQLite database")
    );
    let half = zstd::encode_all(&whole[..], 1).unwrap();
    let half = export.file("half.zst", &half[..half.len() / 2]);
    let said = refused(&world, &half).await;
    assert!(said.contains("unpacking"), "{said}");
    export.sql("ALTER TABLE pstat RENAME TO elsewhere; ALTER TABLE artifact DROP COLUMN date");
    let said = refused(&world, &export.path()).await;
    assert!(said.contains("it lacks the table `pstat`"), "{said}");
    assert_eq!(
        world
            .context
            .store
            .index
            .configurations()
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_damaged_export_says_so_and_the_whole_one_adds_the_rest() {
    let world = World::new().await;
    let export = Export::new();
    export.series(
        1,
        "syn-2.0.101/check/full",
        ("llvm", X86, 1),
        "instructions:u",
    );
    export.sql("BEGIN");
    for number in 1..=60 {
        export.commit(number, "master", i64::from(number));
        for iteration in 0..200 {
            let value = 1e9 + f64::from(iteration);
            export.value(1, i64::from(number), i64::from(iteration), value);
        }
    }
    export.sql("COMMIT");
    let mut bytes = std::fs::read(export.path()).unwrap();
    // Pages in the middle hold values; the first ones hold the tables.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64 * 1024].fill(0xee);
    let damaged = export.file("damaged.sqlite", &bytes);
    let said = refused(&world, &damaged).await;
    assert!(said.contains("damaged"), "{said}");

    let whole = imported(&world, &export).await;
    assert_eq!(whole.runs, 60);
    assert_eq!(world.run_count(CONFIGURATION).await, 60);
    let comparison = compare(&world, 59, 60).await;
    assert_eq!(comparison.test_cases[0].head_iterations.len(), 200);
}

#[tokio::test]
async fn whatever_is_done_to_the_bytes_of_an_export_it_is_read_or_refused_with_a_reason() {
    let world = World::new().await;
    let export = small_export(1.1);
    let whole = std::fs::read(export.path()).unwrap();
    // The same places each time.
    let mut state: u64 = 20_260_822;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut refusals = 0;
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..=next(40) {
            let place = next(bytes.len());
            bytes[place] = next(256) as u8;
        }
        bytes.truncate(bytes.len() - next(2) * next(bytes.len()));
        let damaged = export.file("damaged.sqlite", &bytes);
        if let Err(refused) = import::rustc_perf(&world.context, &damaged).await {
            refusals += 1;
            assert!(refused.to_string().len() > 20, "{refused}");
        }
    }
    assert!(refusals > 0, "nothing was damaged");
}
