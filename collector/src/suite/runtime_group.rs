//! The crates of runtime benchmarks, `runtime/groups.toml` and the folders beside it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use shared_types::{BenchmarkName, Category};

use super::benchmark::HashedInputs;
use super::small_manifest;
use super::source_tree::{self, SourceFile};
use crate::CollectorError;

/// The folder of the groups in the suite.
const FOLDER: &str = "runtime";

/// The crate that groups are written with, which lies beside them.
pub(super) const LIBRARY: &str = "runtime-benchmark";

/// Where it is, as the manifests of groups name it.
const LIBRARY_PATH: &str = "../runtime-benchmark";

/// A crate of runtime benchmarks.
#[derive(Debug, Clone)]
pub struct RuntimeGroup {
    /// Its name, which is that of its folder, its package and its program.
    pub name: BenchmarkName,
    /// What it stands for.
    pub category: Category,
    /// Its benchmarks, in the order in which the program lists them.
    pub benchmarks: Vec<BenchmarkName>,
    /// Its files, sorted by path, without the lock file.
    pub(super) files: Vec<SourceFile>,
    /// The files of the library.
    pub(super) library: Arc<Vec<SourceFile>>,
    /// The lock file.
    pub(super) lock: String,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    group: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: BenchmarkName,
    category: Category,
    benchmarks: Vec<BenchmarkName>,
}

/// The parts of a `Cargo.toml` that matter here.
#[derive(Deserialize)]
struct CrateManifest {
    package: Package,
    #[serde(default)]
    dependencies: toml::Table,
}

#[derive(Deserialize)]
struct LockFile {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

impl RuntimeGroup {
    /// Reads the groups of a suite; none where it has no manifest of them.
    pub(super) fn load_all(suite_dir: &Path) -> Result<Vec<Self>, CollectorError> {
        let folder = suite_dir.join(FOLDER);
        let manifest = folder.join("groups.toml");
        let Some(text) = small_manifest::read(&manifest)? else {
            return Ok(Vec::new());
        };
        let entries = entries(&text)
            .map_err(|reason| small_manifest::refused(&manifest, &reason.to_string()))?;
        let library = Arc::new(source_files(&folder.join(LIBRARY))?);
        let load = |entry: Entry| {
            let crate_folder = folder.join(entry.name.as_str());
            let lock_path = crate_folder.join("Cargo.lock");
            Ok(Self {
                files: source_files(&crate_folder)?,
                library: Arc::clone(&library),
                lock: std::fs::read_to_string(&lock_path)
                    .map_err(CollectorError::io("read the lock file", &lock_path))?,
                name: entry.name,
                category: entry.category,
                benchmarks: entry.benchmarks,
            })
        };
        entries.into_iter().map(load).collect()
    }

    /// Looks at the files of the group without building anything: it is a crate of its own name, it is
    /// written with the library beside it, and its lock file is of these two.
    ///
    /// # Errors
    /// That it is not, and what to do.
    pub fn check_files(&self) -> Result<(), CollectorError> {
        self.wrong_files()
            .map_or(Ok(()), |reason| Err(self.refused(&reason)))
    }

    fn wrong_files(&self) -> Option<String> {
        let manifest = match crate_manifest(&self.files) {
            Ok(manifest) => manifest,
            Err(reason) => return Some(reason),
        };
        if let Err(reason) = crate_manifest(&self.library) {
            return Some(format!("the library {LIBRARY} beside it: {reason}"));
        }
        let name = self.name.as_str();
        let main = Path::new("src/main.rs");
        if !self.files.iter().any(|file| file.path == main) {
            return Some("it has no src/main.rs, and its program is run".to_owned());
        }
        if manifest.package.name != name {
            return Some(format!(
                "its Cargo.toml names the package `{}`: a group's folder, package and program have \
                 one name",
                manifest.package.name
            ));
        }
        let library = manifest.dependencies.get(LIBRARY);
        let path = library.and_then(|library| library.get("path"));
        if path.and_then(toml::Value::as_str) != Some(LIBRARY_PATH) {
            return Some(format!(
                "its Cargo.toml does not depend on the library: add `{LIBRARY} = {{ path = \
                 \"{LIBRARY_PATH}\" }}`"
            ));
        }
        let lock: LockFile = match toml::from_str(&self.lock) {
            Ok(lock) => lock,
            Err(error) => return Some(format!("its lock file is not understood: {error}")),
        };
        let locked = |name: &str| lock.package.iter().any(|package| package.name == name);
        let missing = [name, LIBRARY].into_iter().find(|name| !locked(name))?;
        Some(format!(
            "its lock file does not have the package `{missing}`: make it anew by `cargo \
             generate-lockfile`"
        ))
    }

    fn refused(&self, reason: &str) -> CollectorError {
        CollectorError::SuiteManifest {
            reason: format!("the group of programs `{}`: {reason}", self.name),
        }
    }

    /// A hash (SHA-256, 64 hexadecimal digits) of all that decides what is run: sources of the group
    /// and of the library, and lock file. A series goes on as long as it stays the same.
    pub fn epoch_inputs_hash(&self) -> String {
        let mut inputs = HashedInputs::new();
        inputs.add("group", self.name.as_str().as_bytes());
        inputs.add("lock", self.lock.as_bytes());
        for (label, files) in [("own", &self.files), ("library", &*self.library)] {
            for file in files {
                inputs.add(label, file.path.as_os_str().as_encoded_bytes());
                inputs.add("content", &file.content);
            }
        }
        inputs.finish()
    }
}

fn entries(text: &str) -> Result<Vec<Entry>, String> {
    let manifest: Manifest = small_manifest::parse(text)?;
    let mut names = BTreeSet::new();
    for entry in &manifest.group {
        let name = &entry.name;
        if !names.insert(name) {
            return Err(format!("the group `{name}` stands in it twice"));
        }
        if name.as_str() == LIBRARY || name.as_str().contains('.') {
            return Err(format!("`{name}` cannot be the name of a group"));
        }
        let distinct: BTreeSet<_> = entry.benchmarks.iter().collect();
        if distinct.is_empty() || distinct.len() != entry.benchmarks.len() {
            return Err(format!(
                "the group `{name}` has no benchmark, or one of them twice"
            ));
        }
    }
    Ok(manifest.group)
}

fn crate_manifest(files: &[SourceFile]) -> Result<CrateManifest, String> {
    let mut files = files.iter();
    let file = files
        .find(|file| file.path == Path::new("Cargo.toml"))
        .ok_or("it has no Cargo.toml")?;
    let text = std::str::from_utf8(&file.content)
        .map_err(|error| format!("its Cargo.toml is no text: {error}"))?;
    toml::from_str(text).map_err(|error| format!("its Cargo.toml is not understood: {error}"))
}

fn source_files(directory: &Path) -> Result<Vec<SourceFile>, CollectorError> {
    let mut files = source_tree::read(directory)?;
    files.retain(|file| file.path != Path::new("Cargo.lock"));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_group_is_read_from_the_manifest() {
        let text = "format = \"1.0\"\n[[group]]\nname = \"sorting\"\ncategory = \"primary\"\n\
                    benchmarks = [\"strings\"]\n";
        let read = entries(text).unwrap();
        assert_eq!(read[0].name.as_str(), "sorting");
        let twice = format!("{text}{}", text.replacen("format = \"1.0\"\n", "", 1));
        assert!(entries(&twice).is_err_and(|reason| reason.contains("twice")));
        for (right, wrong) in [
            ("[\"strings\"]", "[]"),
            ("[\"strings\"]", "[\"a\", \"a\"]"),
            ("\"sorting\"", "\"../sorting\""),
            ("\"sorting\"", "\"runtime-benchmark\""),
            ("\"1.0\"", "\"2.0\""),
        ] {
            assert!(entries(&text.replacen(right, wrong, 1)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_change_of_the_library_or_of_the_lock_file_begins_a_new_epoch() {
        let file = |content: &str| SourceFile {
            path: "src/lib.rs".into(),
            content: content.into(),
        };
        let group = |own: &str, library: &str, lock: &str| RuntimeGroup {
            name: "sorting".parse().unwrap(),
            category: Category::Primary,
            benchmarks: Vec::new(),
            files: vec![file(own)],
            library: Arc::new(vec![file(library)]),
            lock: lock.to_owned(),
        };
        let hashes = [
            group("a", "b", "c"),
            group("b", "a", "c"),
            group("a", "x", "c"),
            group("a", "b", "x"),
        ]
        .map(|group| group.epoch_inputs_hash());
        let distinct: BTreeSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
        assert_eq!(group("a", "b", "c").epoch_inputs_hash(), hashes[0]);
    }

    const MANIFEST: &str = "[package]\nname = \"sorting\"\n[dependencies]\n\
                            runtime-benchmark = { path = \"../runtime-benchmark\" }\n";
    const LOCK: &str = "version = 3\n[[package]]\nname = \"runtime-benchmark\"\n\
                        [[package]]\nname = \"sorting\"\n";

    fn group_of(manifest: &str, main: &str, lock: &str) -> RuntimeGroup {
        let file = |path: &str, content: &str| SourceFile {
            path: path.into(),
            content: content.into(),
        };
        RuntimeGroup {
            name: "sorting".parse().unwrap(),
            category: Category::Primary,
            benchmarks: Vec::new(),
            files: vec![file("Cargo.toml", manifest), file(main, "fn main() {}")],
            library: Arc::new(vec![file(
                "Cargo.toml",
                "[package]\nname = \"runtime-benchmark\"\n",
            )]),
            lock: lock.to_owned(),
        }
    }

    #[test]
    fn a_group_whose_files_do_not_fit_together_is_told_before_it_is_built() {
        let main = "src/main.rs";
        group_of(MANIFEST, main, LOCK).check_files().unwrap();
        for (group, complaint) in [
            (group_of(MANIFEST, "src/lib.rs", LOCK), "no src/main.rs"),
            (group_of("", main, LOCK), "Cargo.toml is not understood"),
            (
                group_of(&MANIFEST.replace("sorting", "other"), main, LOCK),
                "names the package `other`",
            ),
            (
                group_of(&MANIFEST.replace("../", "../../"), main, LOCK),
                "does not depend on the library",
            ),
            (
                group_of(MANIFEST, main, &LOCK.replace("sorting", "other")),
                "does not have the package `sorting`",
            ),
            (group_of(MANIFEST, main, "package = 3"), "lock file is not"),
        ] {
            let refused = group.check_files().unwrap_err().to_string();
            assert!(
                refused.contains("`sorting`: ") && refused.contains(complaint),
                "{refused}"
            );
        }
        let mut lonely = group_of(MANIFEST, main, LOCK);
        lonely.library = Arc::default();
        let refused = lonely.check_files().unwrap_err().to_string();
        assert!(
            refused.contains("the library runtime-benchmark"),
            "{refused}"
        );
    }

    proptest! {
        #[test]
        fn any_manifest_is_read_or_refused(text in "(format = \"1.[0-9]\"\n)?(\\[\\[group\\]\\]\n)?(name = \"[a-z./]{0,5}\"\n)?") {
            let _ = entries(&text);
        }
    }
}
