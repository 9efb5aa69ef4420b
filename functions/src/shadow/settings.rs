//! What an administrator chooses about shadow mode: a TOML document. Where there is none, the
//! environment is no shadow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use shared_types::ConfigurationId;
use shared_types::request::Selection;

use crate::FunctionsError;

/// The name of the document in the data folder.
pub const SETTINGS_FILE: &str = "shadow.toml";
/// Names the document itself, where there is no data folder.
pub const SETTINGS_VARIABLE: &str = "PERFLEET_SHADOW";

/// The priority of mirrored requests where nobody says otherwise.
const PRIORITY: i32 = -100;
/// The longest name of what is followed, in bytes.
const NAME_BYTES_MAX: usize = 60;

/// What an administrator chooses about shadow mode.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "WrittenSettings")]
pub struct ShadowSettings {
    /// What people call the one that is followed. Another name mirrors everything anew.
    pub name: String,
    /// Where it is.
    pub place: FollowedPlace,
    /// Nothing older is mirrored.
    pub since: Timestamp,
    /// The configuration here for each configuration there.
    pub configurations: BTreeMap<ConfigurationId, ConfigurationId>,
    /// Which part of the suite, or that which the other was asked for.
    pub selection: Option<Selection>,
    /// Iterations of each test case, or as many as the other was asked for.
    pub iterations: Option<u32>,
    /// The priority of mirrored requests, below 0: own requests go first.
    pub priority: i32,
}

/// The one that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowedPlace {
    /// Another Perfleet, by its API.
    Perfleet {
        /// Its address, without a slash at its end.
        url: String,
    },
    /// A rustc-perf, by a SQLite export that somebody puts there again and again.
    RustcPerf {
        /// The file.
        export: PathBuf,
    },
}

/// The document as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSettings {
    name: String,
    perfleet: Option<WrittenPerfleet>,
    rustc_perf: Option<WrittenRustcPerf>,
    since: Timestamp,
    #[serde(default)]
    configurations: BTreeMap<ConfigurationId, ConfigurationId>,
    selection: Option<Selection>,
    iterations: Option<u32>,
    priority: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPerfleet {
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRustcPerf {
    export: PathBuf,
}

impl TryFrom<WrittenSettings> for ShadowSettings {
    type Error = String;

    fn try_from(written: WrittenSettings) -> Result<Self, String> {
        let name = written.name.trim();
        if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(format!(
                "`name` is what people call the one that is followed: 1 to {NAME_BYTES_MAX} bytes \
                 on one line"
            ));
        }
        let place = match (written.perfleet, written.rustc_perf) {
            (Some(perfleet), None) => FollowedPlace::Perfleet {
                url: checked_url(&perfleet.url)?,
            },
            (None, Some(rustc_perf)) if written.configurations.is_empty() => {
                return Err(format!(
                    "nothing can be mirrored of {}: name under `[configurations]` which \
                     configuration here stands for which there, such as \
                     \"rustc-perf-x86_64-unknown-linux-gnu-llvm-t1\" = \"x86_64-zen4-llvm-t1\"",
                    rustc_perf.export.display()
                ));
            }
            (None, Some(rustc_perf)) => FollowedPlace::RustcPerf {
                export: rustc_perf.export,
            },
            _ => {
                return Err(
                    "one is followed: `[perfleet]` with its `url`, or `[rustc_perf]` with its \
                     `export`"
                        .to_owned(),
                );
            }
        };
        let priority = written.priority.unwrap_or(PRIORITY);
        if priority >= 0 {
            return Err(format!(
                "the priority is {priority}, and own requests, which have 0, are to go first: \
                 choose one below 0"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            place,
            since: written.since,
            configurations: written.configurations,
            selection: written.selection,
            iterations: written.iterations,
            priority,
        })
    }
}

fn checked_url(url: &str) -> Result<String, String> {
    let url = url.trim().trim_end_matches('/');
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web && !url.contains([' ', '@', '?', '#']) {
        Ok(url.to_owned())
    } else {
        Err(format!(
            "`{url}` is no address of a Perfleet: write it as https://perf.example"
        ))
    }
}

impl ShadowSettings {
    /// Reads the document.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(document: &str) -> Result<Self, FunctionsError> {
        toml::from_str(document)
            .map_err(|error| FunctionsError::Usage(format!("the settings of shadow mode: {error}")))
    }

    /// Reads the document of a data folder, where there is one.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn of_data_folder(folder: &Path) -> Result<Option<Self>, FunctionsError> {
        let path = folder.join(SETTINGS_FILE);
        match std::fs::read_to_string(&path) {
            Ok(document) => Self::parse(&document)
                .map(Some)
                .map_err(|error| FunctionsError::Usage(format!("{}: {error}", path.display()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FunctionsError::io(format!("reading {}", path.display()))(
                error,
            )),
        }
    }

    /// Whether a file of one machine is followed, which others do not have.
    pub fn follows_a_file(&self) -> bool {
        matches!(self.place, FollowedPlace::RustcPerf { .. })
    }

    /// The configuration here that stands for one there: the one that is named, or, of another
    /// Perfleet, one of the same name.
    pub fn ours(
        &self,
        theirs: &ConfigurationId,
        registered: &[ConfigurationId],
    ) -> Option<ConfigurationId> {
        let same = || match self.place {
            FollowedPlace::Perfleet { .. } => Some(theirs.clone()),
            FollowedPlace::RustcPerf { .. } => None,
        };
        let ours = self.configurations.get(theirs).cloned().or_else(same)?;
        registered.contains(&ours).then_some(ours)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERFLEET: &str = "name = \"production\"\nsince = \"2026-11-01T00:00:00Z\"\n\
                            [perfleet]\nurl = \"https://perf.example/\"\n";

    proptest! {
        #[test]
        fn any_document_is_read_or_refused(text in ".{0,200}") {
            let _ = ShadowSettings::parse(&format!("{PERFLEET}{text}"));
            let _ = ShadowSettings::parse(&text);
        }
    }

    #[test]
    fn what_is_not_said_is_as_the_other_was_asked_and_below_own_requests() {
        let settings = ShadowSettings::parse(PERFLEET).unwrap();
        assert_eq!(
            settings.place,
            FollowedPlace::Perfleet {
                url: "https://perf.example".to_owned()
            }
        );
        assert!(settings.priority < 0);
        assert_eq!((settings.selection, settings.iterations), (None, None));
    }

    #[test]
    fn a_configuration_is_that_which_is_named_or_the_one_of_the_same_name_that_is_here() {
        let id = |text: &str| text.parse::<ConfigurationId>().unwrap();
        let text = format!("{PERFLEET}[configurations]\n\"a\" = \"b\"\n\"c\" = \"gone\"\n");
        let settings = ShadowSettings::parse(&text).unwrap();
        let registered = [id("b"), id("same")];
        let ours = |theirs: &str| settings.ours(&id(theirs), &registered);
        assert_eq!(ours("a"), Some(id("b")));
        assert_eq!(ours("same"), Some(id("same")));
        assert_eq!(ours("c"), None);
        assert_eq!(ours("other"), None);
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_what_to_write() {
        let refused = |text: &str| ShadowSettings::parse(text).unwrap_err().to_string();
        let head = "name = \"x\"\nsince = \"2026-11-01T00:00:00Z\"\n";
        assert!(refused(head).contains("`[perfleet]` with its `url`"));
        let both = format!("{PERFLEET}[rustc_perf]\nexport = \"a.sqlite\"\n");
        assert!(refused(&both).contains("one is followed"));
        let unmapped = format!("{head}[rustc_perf]\nexport = \"a.sqlite\"\n");
        assert!(refused(&unmapped).contains("[configurations]"));
        let loud = format!("priority = 0\n{PERFLEET}");
        assert!(refused(&loud).contains("below 0"));
        let no_url = PERFLEET.replace("https://", "ftp://");
        assert!(refused(&no_url).contains("no address of a Perfleet"));
    }
}
