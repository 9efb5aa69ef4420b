//! For people who change the benchmark suite.
//!
//! - `lock NAME…` writes the lock files of registry benchmarks anew.
//! - `verify [NAME…]` fetches benchmarks (all if none is named), builds each offline under check,
//!   debug, opt and doc, prints how long the measured package alone took, and checks it once more
//!   after all its patches.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use collector::CollectorError;
use collector::suite::{
    Benchmark, FetchPlace, FetchedBenchmark, Selection, Suite, apply_patch, fetch, generate_lock,
    lock_path, suite_directory,
};

type Failure = Box<dyn std::error::Error>;

/// The profiles, with the cargo command for each.
const PROFILES: [(&str, &[&str]); 4] = [
    ("check", &["check"]),
    ("debug", &["build"]),
    ("opt", &["build", "--release"]),
    ("doc", &["doc", "--no-deps"]),
];

fn main() -> Result<(), Failure> {
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
        "verify" => verify(&benchmarks, place)?,
        _ => return Err("say `lock NAME…` or `verify [NAME…]`".into()),
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

fn verify(benchmarks: &[&Benchmark], place: FetchPlace<'_>) -> Result<(), Failure> {
    let fetched = fetch(benchmarks, place, &mut |progress| {
        eprintln!(
            "{} of {}: {} {:?}",
            progress.done, progress.total, progress.benchmark, progress.step
        );
    })?;
    println!(
        "| benchmark | check s | debug s | opt s | doc s | patched |\n|---|---|---|---|---|---|"
    );
    let mut failures = 0;
    for (benchmark, fetched) in benchmarks.iter().zip(&fetched) {
        let build = OfflineBuild::of(benchmark, fetched, place);
        let mut row = format!("| {}", benchmark.name);
        for (profile, cargo_command) in PROFILES {
            match build.leaf_time(cargo_command) {
                Ok(time) => row.push_str(&format!(" | {:.2}", time.as_secs_f64())),
                Err(output) => {
                    eprintln!("{} {profile}: {output}", benchmark.name);
                    failures += 1;
                    row.push_str(" | FAILED");
                }
            }
        }
        match build.check_patched(benchmark) {
            Ok(()) => row.push_str(" | ok"),
            Err(reason) => {
                eprintln!("{} patched: {reason}", benchmark.name);
                failures += 1;
                row.push_str(" | FAILED");
            }
        }
        println!("{row} |");
        std::fs::remove_dir_all(&build.target_dir)?;
    }
    match failures {
        0 => Ok(()),
        _ => Err(format!("{failures} builds failed").into()),
    }
}

/// Builds of one benchmark without the network.
struct OfflineBuild {
    package: String,
    options: Vec<String>,
    crate_dir: PathBuf,
    target_dir: PathBuf,
}

impl OfflineBuild {
    fn of(benchmark: &Benchmark, fetched: &FetchedBenchmark, place: FetchPlace<'_>) -> Self {
        Self {
            package: benchmark.package().to_owned(),
            options: [benchmark.target_options(), benchmark.feature_options()].concat(),
            crate_dir: fetched.path.clone(),
            target_dir: place.cache_dir.join("target").join(benchmark.name.as_str()),
        }
    }

    /// Builds everything, then the package alone once more (with its build script, where it has
    /// one), and returns the time of the latter.
    fn leaf_time(&self, cargo_command: &[&str]) -> Result<Duration, String> {
        let build = [
            cargo_command
                .iter()
                .map(|word| (*word).to_owned())
                .collect(),
            self.options.clone(),
        ]
        .concat();
        self.cargo(&build)?;
        let mut clean = ["clean", "--package", &self.package]
            .map(str::to_owned)
            .to_vec();
        clean.extend(
            build
                .iter()
                .filter(|option| *option == "--release")
                .cloned(),
        );
        self.cargo(&clean)?;
        let started = Instant::now();
        self.cargo(&build)?;
        Ok(started.elapsed())
    }

    /// Checks a copy of the crate that has all patches applied.
    fn check_patched(&self, benchmark: &Benchmark) -> Result<(), Failure> {
        let patched_dir = self.target_dir.join("patched-sources");
        copy_folder(&self.crate_dir, &patched_dir)?;
        for patch in &benchmark.patches {
            apply_patch(patch, &patched_dir)?;
        }
        let check = [vec!["check".to_owned()], self.options.clone()].concat();
        Ok(self.cargo_in(&patched_dir, &check)?)
    }

    fn cargo(&self, arguments: &[String]) -> Result<(), String> {
        self.cargo_in(&self.crate_dir, arguments)
    }

    fn cargo_in(&self, directory: &Path, arguments: &[String]) -> Result<(), String> {
        let output = Command::new("cargo")
            .args(arguments)
            .args(["--offline", "--locked"])
            .current_dir(directory)
            .env("CARGO_TARGET_DIR", &self.target_dir)
            .env("CARGO_INCREMENTAL", "0")
            .output()
            .map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
