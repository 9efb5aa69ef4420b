//! What was measured elsewhere.

use std::fs::File;
use std::path::PathBuf;

use functions::import::{self, Layout};
use shared_types::comparison::Magnitude;

use crate::world::{ONE, World, compare_query};

const LLVM: &str = "llvm_compile_time_2026.csv.gz";
const RUSTC: &str = "rustc_timing_2017.csv.gz";

/// A file of real measurements beside the checkout, which is not everywhere.
fn real_file(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn sha(number: u8) -> String {
    format!("{number:02x}").repeat(20)
}

fn llvm_sample() -> String {
    let mut text =
        "arrival,main_order,measured_at_unix,sha,configuration,benchmark,instructions:u,max-rss\n"
            .to_owned();
    for (place, number) in [2, 0, 1].into_iter().enumerate() {
        for (benchmark, factor) in [("7zip", 1), ("kimwitu++", 2)] {
            let instructions = (1000 + 10 * u32::from(number)) * factor;
            text.push_str(&format!(
                "{place},{number},177600{number}000,{},stage1-O3,{benchmark},{instructions},\n",
                sha(number)
            ));
        }
    }
    text
}

#[tokio::test]
async fn llvm_s_layout_is_imported_with_its_history_and_importing_it_twice_changes_nothing() {
    let world = World::new().await;
    let imported = import::csv(&world.context, llvm_sample().as_bytes())
        .await
        .unwrap();
    assert_eq!(imported.layout, Layout::LlvmCompileTime);
    assert_eq!((imported.runs, imported.runs_new), (3, 3));
    assert_eq!(imported.values, 6);
    let index = &world.context.store.index;
    let last = index.artifact(&sha(2).parse().unwrap()).await.unwrap();
    let history = last.unwrap().history.unwrap();
    assert_eq!(history.ordinal, 2);
    assert_eq!(history.parent.unwrap().to_string(), sha(1));

    let again = import::csv(&world.context, llvm_sample().as_bytes())
        .await
        .unwrap();
    assert_eq!((again.runs, again.runs_new), (3, 0));
    assert_eq!(world.run_count("stage1-O3").await, 3);

    let sides = format!("{}..{}", sha(0), sha(2));
    let comparison = compare_query(&world.context, &sides, "stage1-O3")
        .await
        .unwrap();
    assert_eq!(comparison.metric, "instructions:u");
    assert_eq!(comparison.test_cases.len(), 2);
    let change = comparison.test_cases[0].change.unwrap();
    assert!((change - 0.02).abs() < 1e-12, "{change}");
    assert!(
        comparison
            .metrics
            .iter()
            .all(|metric| metric.name.as_str() != "max-rss")
    );
}

#[tokio::test]
async fn a_longer_file_adds_what_is_new() {
    let world = World::new().await;
    let whole = llvm_sample();
    let shorter: String = whole.split_inclusive('\n').take(3).collect();
    import::csv(&world.context, shorter.as_bytes())
        .await
        .unwrap();
    let imported = import::csv(&world.context, whole.as_bytes()).await.unwrap();
    assert_eq!((imported.runs, imported.runs_new), (3, 2));
    assert_eq!(world.run_count("stage1-O3").await, 3);
}

#[tokio::test]
async fn rustc_s_layout_is_imported_in_order_of_date_with_patches_as_scenarios() {
    let world = World::new().await;
    let mut text =
        "date,sha,benchmark,patch,total_pass_seconds,max_pass_rss_mb,n_passes\n".to_owned();
    for (day, number) in [(14, 1), (13, 0)] {
        for patch in ["", "@010-incr"] {
            text.push_str(&format!(
                "2017-01-{day}T07:24:53Z,{},syntex,{patch},{day}.5,100,57\n",
                sha(number)
            ));
        }
    }
    text.push_str("2017-01-14T07:24:53Z,nonsense,syntex,,1,1,57\n");
    let imported = import::csv(&world.context, text.as_bytes()).await.unwrap();
    assert_eq!(imported.layout, Layout::RustcTiming2017);
    assert_eq!(imported.bad_rows, 1);
    assert_eq!(imported.bad_rows_described[0].line, 6);
    let index = &world.context.store.index;
    let later = index.artifact(&sha(1).parse().unwrap()).await.unwrap();
    let history = later.unwrap().history.unwrap();
    assert_eq!(history.parent.unwrap().to_string(), sha(0));

    let sides = format!("{}..{}", sha(0), sha(1));
    let comparison = compare_query(&world.context, &sides, "rustc-2017")
        .await
        .unwrap();
    let names: Vec<&str> = comparison
        .test_cases
        .iter()
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(names, ["syntex", "syntex/@010-incr"]);
    assert_eq!(comparison.metric, "pass-time");
}

#[tokio::test]
async fn a_configuration_that_is_registered_otherwise_is_not_imported_into() {
    let world = World::new().await;
    let text = llvm_sample().replace("stage1-O3", ONE);
    let refused = import::csv(&world.context, text.as_bytes())
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("rename it in the file"),
        "{refused}"
    );
}

#[tokio::test]
async fn the_real_llvm_file_is_imported_whole() {
    let Some(path) = real_file(LLVM) else { return };
    let world = World::new().await;
    let imported = import::csv(&world.context, File::open(path).unwrap())
        .await
        .unwrap();
    assert_eq!(imported.rows, 56_880);
    assert_eq!(imported.values, 455_040);
    assert_eq!((imported.runs, imported.runs_new), (5_688, 5_688));
    assert_eq!(
        (imported.artifacts, imported.artifacts_with_history),
        (711, 150)
    );
    assert_eq!(imported.configurations.len(), 8);
    assert_eq!(imported.bad_rows, 0);

    // Positions 100 and 101 on the main branch, from the file.
    let index = &world.context.store.index;
    let line = index
        .line(shared_types::Line::Main, 100, 101)
        .await
        .unwrap();
    let sides = format!("{}..{}", line[0].id, line[1].id);
    let comparison = compare_query(&world.context, &sides, "stage1-O3")
        .await
        .unwrap();
    assert_eq!(comparison.metric, "instructions:u");
    assert_eq!(comparison.test_cases.len(), 10);
    let mut cases = comparison.test_cases.iter();
    assert!(
        cases.all(|case| case.history == 100),
        "{:?}",
        comparison.warnings
    );
    let kimwitu = comparison
        .test_cases
        .iter()
        .find(|case| case.name == "kimwitu++")
        .unwrap();
    // As the file has it; the change is held against the level of base, and not against base alone.
    let measured = kimwitu.head_iterations[0] / kimwitu.base_iterations[0] - 1.0;
    assert!((measured - 0.0028).abs() < 5e-5, "{kimwitu:?}");
    let change = kimwitu.change.unwrap();
    assert!((change - 0.0020).abs() < 2e-4, "{kimwitu:?}");
    assert!(kimwitu.magnitude <= Magnitude::Small);
}

#[tokio::test]
async fn the_real_rustc_file_is_imported_whole() {
    let Some(path) = real_file(RUSTC) else { return };
    let world = World::new().await;
    let imported = import::csv(&world.context, File::open(path).unwrap())
        .await
        .unwrap();
    assert_eq!((imported.runs, imported.artifacts), (380, 380));
    assert_eq!(imported.artifacts_with_history, 380);
    assert_eq!(imported.values, 2 * 9_500);
    assert_eq!(imported.bad_rows, 0);
}
