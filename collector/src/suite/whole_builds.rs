//! Which benchmarks are built whole, `toolchain.toml`.

use std::path::Path;

use serde::Deserialize;
use shared_types::BenchmarkName;

use super::benchmark::Benchmark;
use super::small_manifest;
use crate::CollectorError;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    workspace: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    benchmark: BenchmarkName,
}

/// The benchmarks that a suite builds whole; none where it has no manifest of them.
pub(super) fn load(
    suite_dir: &Path,
    benchmarks: &[Benchmark],
) -> Result<Vec<BenchmarkName>, CollectorError> {
    let path = suite_dir.join("toolchain.toml");
    let Some(text) = small_manifest::read(&path)? else {
        return Ok(Vec::new());
    };
    let names = names(&text).map_err(|reason| small_manifest::refused(&path, &reason))?;
    for name in &names {
        if !benchmarks.iter().any(|benchmark| benchmark.name == *name) {
            let reason = format!("there is no benchmark `{name}` in suite.toml");
            return Err(small_manifest::refused(&path, &reason));
        }
    }
    Ok(names)
}

fn names(text: &str) -> Result<Vec<BenchmarkName>, String> {
    let manifest: Manifest = small_manifest::parse(text)?;
    let entries = manifest.workspace.into_iter();
    let names: Vec<BenchmarkName> = entries.map(|entry| entry.benchmark).collect();
    let twice = |(index, name): (usize, &BenchmarkName)| names[..index].contains(name);
    match names.iter().enumerate().any(twice) {
        true => Err("one of them stands in it twice".to_owned()),
        false => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_is_built_whole_once() {
        let one = "format = \"1.0\"\n[[workspace]]\nbenchmark = \"ripgrep-15.2.0\"\n";
        assert_eq!(names(one).unwrap()[0].as_str(), "ripgrep-15.2.0");
        let twice = format!("{one}[[workspace]]\nbenchmark = \"ripgrep-15.2.0\"\n");
        assert!(names(&twice).is_err());
        assert!(names("[[workspace]]\nbenchmark = \"ripgrep-15.2.0\"\n").is_err());
    }
}
