//! Which crate may use which, and what the pure ones must not use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::Violation;
use super::tree::TextFile;
use crate::command;
use crate::error::Error;

/// The crates of this workspace and those that each may use. Tests count: what a test reaches for,
/// the code reaches for next.
const ARROWS: [(&str, &[&str]); 10] = [
    ("shared-types", &[]),
    ("analysis", &["shared-types"]),
    // What speaks to AWS is tested against a local one.
    ("store", &["shared-types", "localstack"]),
    (
        "functions",
        &["shared-types", "analysis", "store", "localstack"],
    ),
    (
        "collector",
        &["shared-types", "analysis", "store", "localstack"],
    ),
    ("frontend", &["shared-types", "analysis"]),
    ("localstack", &["shared-types"]),
    ("xtask", &["shared-types", "analysis"]),
    (
        "fuzz-entries",
        &[
            "shared-types",
            "analysis",
            "store",
            "functions",
            "collector",
        ],
    ),
    (
        "end-to-end",
        &[
            "shared-types",
            "analysis",
            "store",
            "functions",
            "collector",
            "localstack",
        ],
    ),
];

/// They compute. Clock, randomness, network and disk come to them as arguments.
const PURE_CRATES: [&str; 2] = ["shared-types", "analysis"];

/// What a pure crate must not even reach through others.
const INPUT_OUTPUT_CRATES: [&str; 11] = [
    "async-std",
    "axum",
    "fastrand",
    "hyper",
    "mio",
    "rand",
    "reqwest",
    "rusqlite",
    "socket2",
    "tokio",
    "ureq",
];

/// What `cargo metadata` tells, as far as it is used here.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    /// None for ordinary dependencies, else `dev` or `build`.
    kind: Option<String>,
}

/// Asks cargo.
pub(super) fn cargo_metadata(root: &Path) -> Result<Metadata, Error> {
    let text = command::capture(
        Command::new("cargo")
            .args(["metadata", "--format-version=1"])
            .current_dir(root),
    )?;
    serde_json::from_str(&text).map_err(|error| Error::NotUnderstood {
        what: "the answer of `cargo metadata`".into(),
        reason: error.to_string(),
    })
}

impl Metadata {
    /// The folders of the workspace's crates, relative to its top.
    pub(super) fn member_folders(&self, root: &Path) -> Vec<String> {
        let folders = self.members().filter_map(|package| {
            let folder = Path::new(&package.manifest_path).parent()?;
            Some(
                folder
                    .strip_prefix(root)
                    .unwrap_or(folder)
                    .to_string_lossy()
                    .into_owned(),
            )
        });
        folders.collect()
    }

    fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }

    /// All that the package with this id is built from, by name.
    fn built_from(&self, id: &str) -> BTreeSet<&str> {
        let names: BTreeMap<&str, &str> = self
            .packages
            .iter()
            .map(|package| (&*package.id, &*package.name))
            .collect();
        let nodes: BTreeMap<&str, &Node> = self
            .resolve
            .nodes
            .iter()
            .map(|node| (&*node.id, node))
            .collect();
        let mut seen = BTreeSet::new();
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            if seen.insert(id)
                && let Some(node) = nodes.get(id)
            {
                let edges = node.deps.iter().filter(|edge| edge.is_ordinary());
                waiting.extend(edges.map(|edge| edge.pkg.as_str()));
            }
        }
        seen.iter()
            .filter_map(|id| names.get(id).copied())
            .collect()
    }
}

impl Edge {
    fn is_ordinary(&self) -> bool {
        self.dep_kinds.iter().any(|kind| kind.kind.is_none())
    }
}

/// The arrows, and the pure crates' purity.
pub(super) fn check(metadata: &Metadata) -> Vec<Violation> {
    let ours: BTreeSet<&str> = metadata.members().map(|package| &*package.name).collect();
    let mut violations = Vec::new();
    for package in metadata.members() {
        let name = &*package.name;
        let Some((_, allowed)) = ARROWS.iter().find(|(member, _)| *member == name) else {
            violations.push(Violation::new(
                name,
                "is not among the arrows of `tidy`: add it",
            ));
            continue;
        };
        let used = package
            .dependencies
            .iter()
            .map(|dependency| &*dependency.name);
        for used in used.filter(|used| ours.contains(used) && !allowed.contains(used)) {
            let message = format!("must not use `{used}`: arrows run one way");
            violations.push(Violation::new(name, message));
        }
        if PURE_CRATES.contains(&name) {
            for used in metadata
                .built_from(&package.id)
                .intersection(&INPUT_OUTPUT_CRATES.into())
            {
                let message = format!("is built from `{used}`, and does no input or output");
                violations.push(Violation::new(name, message));
            }
        }
    }
    violations
}

/// Every crate follows the workspace's lints.
pub(super) fn check_lints(files: &[TextFile], members: &[String]) -> Vec<Violation> {
    let manifests = members.iter().map(|folder| format!("{folder}/Cargo.toml"));
    let follows = |text: &str| {
        let manifest: toml::Table = text.parse().ok()?;
        manifest.get("lints")?.get("workspace")?.as_bool()
    };
    manifests
        .filter(|path| {
            let manifest = files.iter().find(|file| file.path == **path);
            manifest.and_then(|file| follows(&file.text)) != Some(true)
        })
        .map(|path| Violation::new(path, "add `[lints]` with `workspace = true`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace of `crates`, each with what it uses; everything else is from the registry.
    fn workspace_of(crates: &[(&str, &[&str])], members: &[&str]) -> Metadata {
        let package = |(name, uses): &(&str, &[&str])| Package {
            id: (*name).into(),
            name: (*name).into(),
            manifest_path: format!("/checkout/{name}/Cargo.toml"),
            dependencies: uses
                .iter()
                .map(|name| Dependency {
                    name: (*name).into(),
                })
                .collect(),
        };
        let node = |(name, uses): &(&str, &[&str])| Node {
            id: (*name).into(),
            deps: uses
                .iter()
                .map(|name| Edge {
                    pkg: (*name).into(),
                    dep_kinds: vec![EdgeKind { kind: None }],
                })
                .collect(),
        };
        Metadata {
            packages: crates.iter().map(package).collect(),
            workspace_members: members.iter().map(|name| (*name).to_owned()).collect(),
            resolve: Resolve {
                nodes: crates.iter().map(node).collect(),
            },
        }
    }

    #[test]
    fn arrows_that_run_the_right_way_are_accepted() {
        let crates: [(&str, &[&str]); 3] = [
            ("shared-types", &["serde"]),
            ("store", &["shared-types", "tokio"]),
            ("collector", &["store", "shared-types"]),
        ];
        let metadata = workspace_of(&crates, &["shared-types", "store", "collector"]);
        assert_eq!(check(&metadata), []);
    }

    #[test]
    fn a_collector_that_sees_functions_is_found() {
        let crates: [(&str, &[&str]); 2] = [("functions", &[]), ("collector", &["functions"])];
        let found = check(&workspace_of(&crates, &["functions", "collector"]));
        assert_eq!(
            found,
            [Violation::new(
                "collector",
                "must not use `functions`: arrows run one way"
            )]
        );
    }

    #[test]
    fn a_pure_crate_that_reaches_the_network_through_another_is_found() {
        let crates: [(&str, &[&str]); 3] = [
            ("analysis", &["innocent"]),
            ("innocent", &["tokio"]),
            ("tokio", &[]),
        ];
        let found = check(&workspace_of(&crates, &["analysis"]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.contains("`tokio`"));
    }

    #[test]
    fn a_crate_without_arrows_is_found() {
        let found = check(&workspace_of(&[("newcomer", &[])], &["newcomer"]));
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_crate_with_lints_of_its_own_is_found() {
        let files = [
            TextFile::new("store/Cargo.toml", "[lints]\nworkspace = true\n"),
            TextFile::new(
                "suite/Cargo.toml",
                "[lints.rust]\nunsafe_code = \"allow\"\n",
            ),
        ];
        let members = ["store".to_owned(), "suite".to_owned()];
        let found = check_lints(&files, &members);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].place, "suite/Cargo.toml");
    }
}
