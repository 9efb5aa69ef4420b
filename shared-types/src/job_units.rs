//! What a job measures beside compilations: programs that are run, and the toolchain itself.
//!
//! A job holds units of one kind. The units of compilations stand where they always stood, so that a
//! collector that knows no other finds a job of another kind without any unit and refuses it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::word_enum;
use crate::{BenchmarkName, TestCase};

/// How often a program is measured at least, whatever is asked for: it takes a moment, and times of
/// programs scatter more than those of compilers.
pub const RUNTIME_ITERATIONS_MIN: u32 = 5;

/// How long all builds of a whole program by the runs of a job may take together, in seconds, so that
/// another one is begun for the sake of precision alone. Those that were asked for are done however
/// long they take.
pub const WHOLE_BUILD_SECONDS_MAX: f64 = 30.0 * 60.0;

word_enum! {
    /// A kind of benchmarks, as people ask for it.
    BenchmarkKind, "a kind of benchmarks: compile, runtime or toolchain" {
        /// A crate is compiled.
        Compile => "compile",
        /// A compiled program is run.
        Runtime => "runtime",
        /// The toolchain itself: how large its parts are, and how long it takes for much code.
        Toolchain => "toolchain",
    }
}

/// A crate of runtime benchmarks, with those of its programs that are wanted. The crate is built once
/// for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeUnit {
    /// The crate.
    pub group: BenchmarkName,
    /// Its benchmarks.
    pub benchmarks: Vec<BenchmarkName>,
}

impl RuntimeUnit {
    /// The test cases, in order.
    pub fn test_cases(&self) -> impl Iterator<Item = TestCase> + '_ {
        self.benchmarks.iter().map(|benchmark| TestCase::Runtime {
            group: self.group.clone(),
            benchmark: benchmark.clone(),
        })
    }
}

/// Something that is measured of a toolchain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ToolchainUnit {
    /// The sizes of its components, those that it has.
    ComponentSizes,
    /// How long it takes to build a program with all that it depends on.
    Workspace {
        /// The benchmark of the suite that is built whole.
        benchmark: BenchmarkName,
    },
    /// How long it takes to build the compiler.
    Bootstrap,
}

impl ToolchainUnit {
    /// How the component of a whole program's build begins; what follows is the benchmark's name.
    pub const WORKSPACE: &'static str = "workspace-";
    /// The component of the compiler's own build.
    pub const BOOTSTRAP: &'static str = "bootstrap";
    /// The unit of all sizes, by the name that people choose it by.
    pub const COMPONENT_SIZES: &'static str = "component-sizes";

    /// The name by which people choose it: `component-sizes`, `workspace-ripgrep-15.2.0`,
    /// `bootstrap`. Of a build it is also the component of the test case for the whole of it.
    pub fn name(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for ToolchainUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ComponentSizes => formatter.write_str(Self::COMPONENT_SIZES),
            Self::Workspace { benchmark } => write!(formatter, "{}{benchmark}", Self::WORKSPACE),
            Self::Bootstrap => formatter.write_str(Self::BOOTSTRAP),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_of_a_toolchain_is_an_enum_by_kind_in_json() {
        let units = [
            ToolchainUnit::ComponentSizes,
            ToolchainUnit::Workspace {
                benchmark: "ripgrep-15.2.0".parse().unwrap(),
            },
            ToolchainUnit::Bootstrap,
        ];
        let json = serde_json::to_string(&units).unwrap();
        assert_eq!(
            json,
            r#"[{"kind":"component-sizes"},{"kind":"workspace","benchmark":"ripgrep-15.2.0"},{"kind":"bootstrap"}]"#
        );
        let read: Vec<ToolchainUnit> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, units);
        assert_eq!(units[1].name(), "workspace-ripgrep-15.2.0");
    }

    #[test]
    fn the_test_cases_of_a_group_are_its_benchmarks() {
        let unit = RuntimeUnit {
            group: "sorting".parse().unwrap(),
            benchmarks: vec!["strings".parse().unwrap(), "integers".parse().unwrap()],
        };
        let names: Vec<String> = unit.test_cases().map(|case| case.name()).collect();
        assert_eq!(names, ["sorting/strings", "sorting/integers"]);
    }
}
