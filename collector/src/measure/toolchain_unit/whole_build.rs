//! A program of the suite, built whole with all that it depends on: a stand-in for the compiler's own
//! build on hosts that cannot do that.

use std::ffi::OsString;
use std::path::PathBuf;

use shared_types::job_units::ToolchainUnit;

use super::super::confined_access::compiling;
use super::super::scenario_run::{needs_unstable_options, variable};
use super::super::unit_folder::base_environment;
use super::build_run::{Build, StandIn};
use crate::suite::Benchmark;
use crate::toolchain::Toolchain;

/// What is built whole, by which toolchain.
pub(super) struct WholeBuild<'a> {
    pub(super) benchmark: &'a Benchmark,
    /// Where its crate lies.
    pub(super) source: PathBuf,
    pub(super) toolchain: &'a Toolchain,
    /// The flags of the configuration, for every crate.
    pub(super) flags: Vec<String>,
}

impl<'a> WholeBuild<'a> {
    /// The build, into a folder. One crate after the other: so the time of each crate is its own, and
    /// that of the whole does not depend on how many processors the host has.
    pub(super) fn into_build(self, output: PathBuf, time_limit_ms: u64) -> Build<'a> {
        let mut words: Vec<String> = ["build", "--release", "--offline", "--locked", "-j1"]
            .map(str::to_owned)
            .to_vec();
        words.extend(self.benchmark.target_options());
        words.extend(self.benchmark.feature_options());
        let mut readable = compiling(self.toolchain).readable;
        readable.push(self.source.clone());
        let name = ToolchainUnit::Workspace {
            benchmark: self.benchmark.name.clone(),
        };
        Build {
            name: name.name(),
            toolchain: self.toolchain,
            program: self.toolchain.cargo.clone(),
            arguments: words.iter().map(OsString::from).collect(),
            environment: self.environment(&output),
            directory: self.source,
            output,
            readable,
            stand_in: StandIn::Wrapper,
            time_limit_ms,
            complaint: |_| None,
        }
    }

    fn environment(&self, output: &std::path::Path) -> Vec<(OsString, OsString)> {
        let mut environment = base_environment();
        environment.extend(
            [
                // Set, though empty, it keeps flags out that the user's configuration names.
                ("CARGO_ENCODED_RUSTFLAGS", self.flags.join("\x1f").into()),
                ("CARGO_INCREMENTAL", "0".into()),
                ("CARGO_NET_OFFLINE", "true".into()),
                ("CARGO_TARGET_DIR", OsString::from(output)),
                ("CARGO_TERM_COLOR", "never".into()),
                ("RUSTC", self.toolchain.rustc.clone().into()),
            ]
            .map(|(name, value)| (OsString::from(name), value)),
        );
        if needs_unstable_options(&self.flags) {
            environment.push(variable("RUSTC_BOOTSTRAP", "1"));
        }
        environment
    }
}
