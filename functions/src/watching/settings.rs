//! The file that says what is watched.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use shared_types::request::Selection;
use shared_types::{ConfigurationId, RepositoryName};

use crate::FunctionsError;

/// What is watched.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watches {
    /// Each of them.
    #[serde(default)]
    pub watch: Vec<Watch>,
}

/// A branch, or a list of releases, whose artifacts are asked for by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenWatch")]
pub struct Watch {
    /// Its name. Another name asks for everything anew.
    pub name: String,
    /// Where artifacts come from.
    pub place: WatchedPlace,
    /// Nothing older is asked for.
    pub since: Timestamp,
    /// Under which configurations.
    pub configurations: Vec<ConfigurationId>,
    /// Which part of the suite.
    pub selection: Selection,
    /// Iterations of each test case.
    pub iterations: Option<u32>,
    /// Larger goes first.
    pub priority: i32,
}

/// Where artifacts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchedPlace {
    /// A branch of a repository on this machine.
    Repository {
        /// Its folder.
        repository: PathBuf,
        /// The branch.
        branch: String,
    },
    /// A branch of a repository on GitHub.
    GitHub {
        /// The repository.
        repository: RepositoryName,
        /// The branch.
        branch: String,
    },
    /// A file of releases, as `perfleet artifact add` reads it.
    Releases {
        /// The file.
        releases: PathBuf,
    },
}

/// A watch as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWatch {
    name: String,
    repository: Option<PathBuf>,
    github: Option<RepositoryName>,
    branch: Option<String>,
    releases: Option<PathBuf>,
    since: Timestamp,
    configurations: Vec<ConfigurationId>,
    #[serde(default)]
    selection: Selection,
    iterations: Option<u32>,
    #[serde(default)]
    priority: i32,
}

impl TryFrom<WrittenWatch> for Watch {
    type Error = String;

    fn try_from(written: WrittenWatch) -> Result<Self, String> {
        let WrittenWatch {
            repository,
            github,
            branch,
            releases,
            ..
        } = written;
        let place = match (repository, github, branch, releases) {
            (Some(repository), None, Some(branch), None) => {
                WatchedPlace::Repository { repository, branch }
            }
            (None, Some(repository), Some(branch), None) => {
                WatchedPlace::GitHub { repository, branch }
            }
            (None, None, None, Some(releases)) => WatchedPlace::Releases { releases },
            _ => {
                return Err(format!(
                    "the watch `{}` names a `repository` on this machine or one on `github`, and its \
                     `branch`, or a file of `releases`",
                    written.name
                ));
            }
        };
        if written.configurations.is_empty() {
            return Err(format!(
                "the watch `{}` names no configuration",
                written.name
            ));
        }
        Ok(Self {
            name: written.name,
            place,
            since: written.since,
            configurations: written.configurations,
            selection: written.selection,
            iterations: written.iterations,
            priority: written.priority,
        })
    }
}

impl Watch {
    /// In whose name artifacts are asked for.
    pub(crate) fn requester(&self) -> String {
        format!("the watch {}", self.name)
    }
}

/// Refuses two watches of one name: each would take the other's requests for its own.
pub(crate) fn check_names(watches: &[Watch]) -> Result<(), String> {
    for (place, watch) in watches.iter().enumerate() {
        if watches[..place]
            .iter()
            .any(|other| other.name == watch.name)
        {
            return Err(format!("two watches are called `{}`", watch.name));
        }
    }
    Ok(())
}

impl Watches {
    /// These and further ones.
    ///
    /// # Errors
    /// When two have one name.
    pub fn and(mut self, further: &[Watch]) -> Result<Self, FunctionsError> {
        self.watch.extend_from_slice(further);
        check_names(&self.watch).map_err(FunctionsError::Usage)?;
        Ok(self)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read or understood, or two watches have one name.
    pub fn read(path: &Path) -> Result<Self, FunctionsError> {
        let text = std::fs::read_to_string(path)
            .map_err(FunctionsError::io(format!("reading {}", path.display())))?;
        Self::parse(&text)
            .map_err(|reason| FunctionsError::Usage(format!("{}: {reason}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let watches: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        check_names(&watches.watch)?;
        Ok(watches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = r#"
        [[watch]]
        name = "main"
        repository = "/srv/rust"
        branch = "main"
        since = "2026-01-01T00:00:00Z"
        configurations = ["x86_64-llvm-t1"]
        selection = { profiles = ["check"] }
    "#;

    #[test]
    fn a_branch_and_a_list_of_releases_are_read() {
        let watches = Watches::parse(MAIN).unwrap();
        assert_eq!(
            watches.watch[0].place,
            WatchedPlace::Repository {
                repository: "/srv/rust".into(),
                branch: "main".to_owned(),
            }
        );
        let github = MAIN.replace("repository = \"/srv/rust\"", "github = \"rust-lang/rust\"");
        assert_eq!(
            Watches::parse(&github).unwrap().watch[0].place,
            WatchedPlace::GitHub {
                repository: "rust-lang/rust".parse().unwrap(),
                branch: "main".to_owned(),
            }
        );
        let releases = MAIN
            .replace("branch = \"main\"", "")
            .replace("repository = \"/srv/rust\"", "releases = \"list.json\"");
        let watches = Watches::parse(&releases).unwrap();
        assert!(matches!(
            watches.watch[0].place,
            WatchedPlace::Releases { .. }
        ));
    }

    #[test]
    fn two_watches_of_one_name_and_one_without_a_configuration_are_refused() {
        let error = Watches::parse(&format!("{MAIN}\n{MAIN}")).unwrap_err();
        assert_eq!(error, "two watches are called `main`");
        let none = MAIN.replace("[\"x86_64-llvm-t1\"]", "[]");
        assert!(
            Watches::parse(&none)
                .unwrap_err()
                .contains("names no configuration")
        );
        let unknown = MAIN.replace("priority", "").replace("since", "sinec");
        assert!(Watches::parse(&unknown).unwrap_err().contains("sinec"));
        let two = format!("{MAIN}\ngithub = \"rust-lang/rust\"");
        assert!(
            Watches::parse(&two)
                .unwrap_err()
                .contains("or one on `github`")
        );
        let both = format!("{MAIN}\nreleases = \"list.json\"");
        assert!(
            Watches::parse(&both)
                .unwrap_err()
                .contains("or a file of `releases`")
        );
    }
}
