//! For people who change the benchmark suite.
//!
//! `lock NAME…` writes the lock files of registry benchmarks anew. Whether a benchmark can be built is
//! for `collector suite check`.

use std::path::Path;

use collector::CollectorError;
use collector::suite::{
    Benchmark, FetchPlace, Selection, Suite, generate_lock, lock_path, suite_directory,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
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
        _ => return Err("say `lock NAME…`".into()),
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
