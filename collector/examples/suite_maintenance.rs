//! For people who change the benchmark suite.
//!
//! `lock NAME…` writes the lock files of registry benchmarks anew. Whether a benchmark can be built is
//! for `collector suite check`. `times` reads what `collector suite check --profiles check --json` prints,
//! from standard input, and writes the time classes of these benchmarks into the suite's README.

use std::collections::BTreeMap;
use std::path::Path;

use collector::CollectorError;
use collector::suite::{
    Benchmark, FetchPlace, Selection, Suite, TimeClass, generate_lock, lock_path, suite_directory,
    with_time_classes,
};
use serde::Deserialize;
use shared_types::Profile;

/// What `collector suite check --json` prints, as far as it is used here.
#[derive(Deserialize)]
struct CheckReport {
    benchmarks: Vec<CheckedBenchmark>,
}

#[derive(Deserialize)]
struct CheckedBenchmark {
    name: String,
    steps: Vec<CheckedStep>,
}

#[derive(Deserialize)]
struct CheckedStep {
    step: String,
    result: StepResult,
}

#[derive(Deserialize)]
struct StepResult {
    /// Absent where it was not built.
    leaf_s: Option<f64>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    if command == "times" {
        let suite_dir = suite_directory(None, std::env::var_os("PERFLEET_SUITE_DIR"));
        return write_time_classes(&suite_dir.join("README.md"));
    }
    let selection = Selection {
        include: arguments.collect(),
        ..Selection::default()
    };
    let suite_dir = suite_directory(None, std::env::var_os("PERFLEET_SUITE_DIR"));
    let suite = Suite::load(&suite_dir)?;
    let benchmarks = suite.select(&selection)?;
    let cache_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/suite-maintenance");
    let place = FetchPlace {
        cache_dir: &cache_dir,
        cargo: Path::new("cargo"),
    };
    match command.as_str() {
        "lock" => lock(&benchmarks, place, &suite_dir)?,
        _ => return Err("say `lock NAME…` or `times`".into()),
    }
    Ok(())
}

fn lock(
    benchmarks: &[&Benchmark],
    place: FetchPlace<'_>,
    suite_dir: &Path,
) -> Result<(), CollectorError> {
    for benchmark in benchmarks {
        let path = lock_path(suite_dir, &benchmark.name);
        let lock = generate_lock(benchmark, place)?;
        std::fs::write(&path, lock).map_err(|source| CollectorError::Io {
            action: "write",
            path: path.clone(),
            source,
        })?;
        println!("{}", path.display());
    }
    Ok(())
}

fn write_time_classes(readme: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let report: CheckReport = serde_json::from_reader(std::io::stdin())?;
    let mut seconds = BTreeMap::new();
    for benchmark in report.benchmarks {
        let mut steps = benchmark.steps.iter();
        let check = steps.find(|step| step.step == Profile::Check.as_str());
        match check.and_then(|check| check.result.leaf_s) {
            Some(leaf_s) => {
                println!(
                    "{}: {leaf_s:.2} s, {}",
                    benchmark.name,
                    TimeClass::of(leaf_s)
                );
                seconds.insert(benchmark.name, leaf_s);
            }
            None => println!("{}: its check was not measured", benchmark.name),
        }
    }
    let text = std::fs::read_to_string(readme)?;
    std::fs::write(readme, with_time_classes(&text, &seconds))?;
    Ok(())
}
