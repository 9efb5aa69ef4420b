//! A host that a program on this host emulates, so that compilers of another architecture run here.
//!
//! What its processor executes can be counted, and what its compilers write is theirs. How long they
//! take and how much memory is the emulator's doing, and says nothing of a real host.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use shared_types::host::HostFacts;

use super::facts;
use crate::CollectorError;
use crate::measure::program_on_path;

/// An architecture that can be emulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmulatedArchitecture {
    /// 64-bit ARM.
    Aarch64,
}

/// An emulated host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmulatedHost {
    architecture: EmulatedArchitecture,
    /// The emulator with its version: `qemu-aarch64 7.2.17`.
    emulator: String,
}

impl EmulatedArchitecture {
    /// Its name: `aarch64`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aarch64 => "aarch64",
        }
    }

    /// The target triple of its compilers.
    pub fn target(self) -> &'static str {
        match self {
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// What stands for the model of its processor. It says that there is none, so that no result of
    /// a real host can have the same configuration.
    pub fn hardware_model(self) -> &'static str {
        match self {
            Self::Aarch64 => "aarch64 (qemu-user)",
        }
    }

    /// The program that emulates it.
    pub fn emulator(self) -> &'static str {
        match self {
            Self::Aarch64 => "qemu-aarch64",
        }
    }
}

impl std::str::FromStr for EmulatedArchitecture {
    type Err = CollectorError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Aarch64]
            .into_iter()
            .find(|architecture| architecture.name() == name)
            .ok_or_else(|| CollectorError::Usage {
                reason: format!("`{name}` is no architecture that can be emulated: aarch64 is"),
            })
    }
}

impl EmulatedHost {
    /// The emulated host of an architecture.
    ///
    /// # Errors
    /// When this host has that architecture itself, or its emulator is not there or does not answer.
    pub fn find(architecture: EmulatedArchitecture) -> Result<Self, CollectorError> {
        let unsuitable = |reason: String| CollectorError::Usage { reason };
        let name = architecture.name();
        if std::env::consts::ARCH == name {
            return Err(unsuitable(format!(
                "this host is {name} itself, where nothing is to be emulated: leave out --emulated"
            )));
        }
        let emulator = architecture.emulator();
        let program = program_on_path(emulator).ok_or_else(|| {
            unsuitable(format!(
                "{name} cannot be emulated, since there is no {emulator}; on Debian: apt-get \
                 install qemu-user"
            ))
        })?;
        let version = version(&program).ok_or_else(|| {
            unsuitable(format!(
                "{name} cannot be emulated, since `{} --version` does not tell its version",
                program.display()
            ))
        })?;
        Ok(Self {
            architecture,
            emulator: format!("{emulator} {version}"),
        })
    }

    /// What is known of it.
    pub fn facts(&self) -> HostFacts {
        let now = facts();
        let mut named = HostFacts::named(now.name.clone(), self.architecture.target());
        named.cpu_model = Some(self.architecture.hardware_model().to_owned());
        named.emulator = Some(self.emulator.clone());
        facts_through_emulator(&named, &now)
    }
}

/// The facts of an emulated host: who it is, and what its programs see of the host around it. They
/// see its number of processors, its memory and its kernel; clocks, governors and the like are of no
/// account for what is counted.
pub(super) fn facts_through_emulator(emulated: &HostFacts, around: &HostFacts) -> HostFacts {
    let mut facts = HostFacts::named(emulated.name.clone(), emulated.target.clone());
    facts.cpu_model.clone_from(&emulated.cpu_model);
    facts.emulator.clone_from(&emulated.emulator);
    facts.logical_cpus = around.logical_cpus;
    facts.memory_bytes = around.memory_bytes;
    facts.kernel.clone_from(&around.kernel);
    facts
}

fn version(program: &PathBuf) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    version_in(&String::from_utf8(output.stdout).ok()?)
}

/// The version in `qemu-aarch64 version 7.2.17 (Debian 1:7.2+dfsg-7+deb12u13)`.
fn version_in(said: &str) -> Option<String> {
    let (_, after) = said.lines().next()?.split_once(" version ")?;
    let version = after.split_whitespace().next()?;
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    is_version.then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn emulated() -> HostFacts {
        let mut facts = HostFacts::named("bench-1", "aarch64-unknown-linux-gnu");
        facts.cpu_model = Some("aarch64 (qemu-user)".to_owned());
        facts.emulator = Some("qemu-aarch64 7.2.17".to_owned());
        facts
    }

    proptest! {
        #[test]
        fn a_version_is_found_whatever_follows_it(version in "[1-9][0-9]{0,2}(\\.[0-9]{1,3}){1,3}", rest in "( [^\n]{0,30})?") {
            let said = format!("qemu-aarch64 version {version}{rest}\nCopyright\n");
            prop_assert_eq!(version_in(&said), Some(version));
        }

        #[test]
        fn what_names_no_version_has_none(said in "[^0-9]{0,60}") {
            prop_assert_eq!(version_in(&said), None);
        }
    }

    #[test]
    fn an_emulated_host_has_nothing_of_the_processor_around_it() {
        let mut around = HostFacts::named("other", "x86_64-unknown-linux-gnu");
        around.cpu_model = Some("AMD EPYC".to_owned());
        around.microcode = Some("0xa101144".to_owned());
        around.governor = Some("performance".to_owned());
        around.turbo = Some(true);
        around.kernel = Some("6.1".to_owned());
        around.logical_cpus = Some(2);
        let facts = facts_through_emulator(&emulated(), &around);
        let expected = HostFacts {
            kernel: Some("6.1".to_owned()),
            logical_cpus: Some(2),
            ..emulated()
        };
        assert_eq!(facts, expected);
    }

    #[test]
    fn the_facts_of_an_emulated_host_stay_those_of_one_when_they_are_read_again() {
        let now = crate::host::facts_now(&emulated());
        assert_eq!(now.emulator, emulated().emulator);
        assert_eq!(now.cpu_model, emulated().cpu_model);
        assert_eq!(now.target, emulated().target);
        assert_eq!(now.microcode, None);
    }

    #[test]
    fn the_configuration_of_an_emulated_host_says_that_it_is_one() {
        use crate::host::{proposed_configuration, proposed_id};
        let record = proposed_configuration(&emulated(), shared_types::Backend::Llvm, 1);
        assert_eq!(record.hardware_model, "aarch64 (qemu-user)");
        let id = proposed_id(&record, &record.target).unwrap();
        assert_eq!(id.as_str(), "aarch64-qemu-user-llvm-t1");
    }
}
