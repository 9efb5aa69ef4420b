//! Test cases: what is measured, apart from the compiler and the configuration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::InvalidInput;
use crate::text::{is_slug, text_conversions, word_enum};

/// What is measured, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    try_from = "crate::written::WrittenTestCase"
)]
pub enum TestCase {
    /// A crate is compiled.
    Compile {
        /// Which crate.
        benchmark: BenchmarkName,
        /// How it is compiled.
        profile: Profile,
        /// In which state of the incremental cache.
        scenario: Scenario,
    },
    /// A compiled program is run.
    Runtime {
        /// The crate that holds the program.
        group: BenchmarkName,
        /// The program.
        benchmark: BenchmarkName,
    },
    /// The toolchain itself: the size of a component, or the time to build a crate of the compiler.
    Toolchain {
        /// The component or crate.
        component: BenchmarkName,
    },
    /// Measured elsewhere, under a name of its own.
    Imported {
        /// The name, as it came.
        name: ImportedName,
    },
}

impl TestCase {
    /// The name that people read: `syn-2.0.119/check/incr-full`, `7zip`.
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// The crate that is compiled, or the crate of the program that is run. `None` for what is
    /// neither.
    pub fn benchmark_or_group(&self) -> Option<&BenchmarkName> {
        match self {
            Self::Compile { benchmark, .. } => Some(benchmark),
            Self::Runtime { group, .. } => Some(group),
            Self::Toolchain { .. } | Self::Imported { .. } => None,
        }
    }
}

impl fmt::Display for TestCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compile {
                benchmark,
                profile,
                scenario,
            } => write!(formatter, "{benchmark}/{profile}/{scenario}"),
            Self::Runtime { group, benchmark } => write!(formatter, "{group}/{benchmark}"),
            Self::Toolchain { component } => component.fmt(formatter),
            Self::Imported { name } => name.fmt(formatter),
        }
    }
}

macro_rules! slug_name {
    ($(#[$outer:meta])* $name:ident, $longest:literal, $also:literal, $expected:literal) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if is_slug(text, $longest, $also) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidInput::word(text, $expected))
                }
            }
        }

        text_conversions!($name);
    };
}

slug_name!(
    /// The name of a benchmark in the suite: `syn-2.0.119`.
    BenchmarkName, 80, b"._-",
    "a benchmark name: 1 to 80 letters, digits, `.`, `_` and `-`, first a letter or digit"
);
slug_name!(
    /// The name of a patch: `println`.
    PatchName, 40, b"._-",
    "a patch name: 1 to 40 letters, digits, `.`, `_` and `-`, first a letter or digit"
);

/// The name of a test case that was measured elsewhere: 1 to 200 printable characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImportedName(String);

impl fmt::Display for ImportedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for ImportedName {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let printable = text.chars().all(|letter| !letter.is_control());
        if printable && text.trim() == text && (1..=200).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidInput::word(
                text,
                "the name of a test case: 1 to 200 bytes, printable, no space at its ends",
            ))
        }
    }
}

text_conversions!(ImportedName);

word_enum! {
    /// How a crate is compiled.
    Profile, "a profile: check, debug, opt, doc, doc-json or clippy" {
        /// Metadata alone, no code generation.
        Check => "check",
        /// Without optimisation.
        Debug => "debug",
        /// With optimisation.
        Opt => "opt",
        /// By rustdoc, to HTML.
        Doc => "doc",
        /// By rustdoc, to JSON.
        DocJson => "doc-json",
        /// By Clippy.
        Clippy => "clippy",
    }
}

word_enum! {
    /// What a benchmark stands for.
    Category, "a category: primary or secondary" {
        /// A real crate that many people build.
        Primary => "primary",
        /// Made to stress one part of the compiler, or of interest to few.
        Secondary => "secondary",
    }
}

word_enum! {
    /// Which benchmarks are wanted. Every benchmark is primary or secondary, and some of either kind
    /// are stable besides.
    WantedCategory, "a category: primary, secondary or stable" {
        /// Those of [`Category::Primary`].
        Primary => "primary",
        /// Those of [`Category::Secondary`].
        Secondary => "secondary",
        /// Those that stay at their versions, so that releases of many years are compared by them.
        Stable => "stable",
    }
}

impl WantedCategory {
    /// Whether a benchmark of this category, which stays at its version or not, is wanted.
    pub fn admits(self, category: Category, is_stable: bool) -> bool {
        match self {
            Self::Primary => category == Category::Primary,
            Self::Secondary => category == Category::Secondary,
            Self::Stable => is_stable,
        }
    }
}

/// The state of the incremental cache when a crate is compiled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scenario {
    /// No incremental compilation.
    Full,
    /// Incremental compilation with an empty cache.
    IncrFull,
    /// With a full cache and no change.
    IncrUnchanged,
    /// With a full cache, after a patch.
    IncrPatched(PatchName),
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => formatter.write_str("full"),
            Self::IncrFull => formatter.write_str("incr-full"),
            Self::IncrUnchanged => formatter.write_str("incr-unchanged"),
            Self::IncrPatched(patch) => write!(formatter, "incr-patched:{patch}"),
        }
    }
}

impl FromStr for Scenario {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "full" => Ok(Self::Full),
            "incr-full" => Ok(Self::IncrFull),
            "incr-unchanged" => Ok(Self::IncrUnchanged),
            _ => match text.strip_prefix("incr-patched:") {
                Some(patch) => Ok(Self::IncrPatched(patch.parse()?)),
                None => Err(InvalidInput::word(
                    text,
                    "a scenario: full, incr-full, incr-unchanged or incr-patched:PATCH",
                )),
            },
        }
    }
}

text_conversions!(Scenario);

word_enum! {
    /// A scenario without the name of its patch, as people ask for it.
    ScenarioKind, "a scenario: full, incr-full, incr-unchanged or incr-patched" {
        /// No incremental compilation.
        Full => "full",
        /// Incremental compilation with an empty cache.
        IncrFull => "incr-full",
        /// With a full cache and no change.
        IncrUnchanged => "incr-unchanged",
        /// With a full cache, after each of the benchmark's patches.
        IncrPatched => "incr-patched",
    }
}

impl Scenario {
    /// The scenario without the name of its patch.
    pub fn kind(&self) -> ScenarioKind {
        match self {
            Self::Full => ScenarioKind::Full,
            Self::IncrFull => ScenarioKind::IncrFull,
            Self::IncrUnchanged => ScenarioKind::IncrUnchanged,
            Self::IncrPatched(_) => ScenarioKind::IncrPatched,
        }
    }

    /// The patch, where there is one.
    pub fn patch(&self) -> Option<&PatchName> {
        match self {
            Self::IncrPatched(patch) => Some(patch),
            Self::Full | Self::IncrFull | Self::IncrUnchanged => None,
        }
    }
}

/// The part of a series' identity that a change of what is measured changes: a hash of crate
/// version, lock file, flags and measuring protocol, as 16 hexadecimal digits. A new epoch starts a
/// new series.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch(String);

impl Epoch {
    /// The epoch of everything that `inputs` names, in order.
    pub fn of<'a>(inputs: impl IntoIterator<Item = &'a [u8]>) -> Self {
        use sha2::{Digest, Sha256};
        let mut hasher = Sha256::new();
        for input in inputs {
            // The length keeps `["ab", "c"]` apart from `["a", "bc"]`.
            hasher.update((input.len() as u64).to_le_bytes());
            hasher.update(input);
        }
        let digest = hasher.finalize();
        Self(
            digest[..8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for Epoch {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidInput::word(text, "an epoch: 16 hexadecimal digits"))
        }
    }
}

text_conversions!(Epoch);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn scenarios_are_printed_as_they_came(
            text in prop_oneof![".{0,30}", "incr-[a-z]{1,9}(:[a-z]{0,5})?", "full"]
        ) {
            if let Ok(scenario) = text.parse::<Scenario>() {
                prop_assert_eq!(scenario.to_string(), text);
            }
        }

        #[test]
        fn moving_a_byte_between_inputs_changes_the_epoch(
            a in proptest::collection::vec(any::<u8>(), 1..9),
            b in proptest::collection::vec(any::<u8>(), 0..9),
        ) {
            let moved: Vec<u8> = [&a[a.len() - 1..], &b].concat();
            let epoch = Epoch::of([&a[..], &b[..]]);
            prop_assert_ne!(&epoch, &Epoch::of([&a[..a.len() - 1], &moved[..]]));
            prop_assert_eq!(epoch.to_string().parse::<Epoch>().unwrap(), epoch);
        }
    }

    #[test]
    fn a_test_case_is_an_enum_by_kind_in_json() {
        let test_case = TestCase::Compile {
            benchmark: "syn-2.0.119".parse().unwrap(),
            profile: Profile::Check,
            scenario: "incr-patched:println".parse().unwrap(),
        };
        let json = serde_json::to_string(&test_case).unwrap();
        assert_eq!(
            json,
            r#"{"kind":"compile","benchmark":"syn-2.0.119","profile":"check","scenario":"incr-patched:println"}"#
        );
        assert_eq!(serde_json::from_str::<TestCase>(&json).unwrap(), test_case);
        assert_eq!(test_case.name(), "syn-2.0.119/check/incr-patched:println");
    }
}
