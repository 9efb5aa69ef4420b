//! Confinement by Landlock, where bubblewrap is not there or cannot work: this program, in another
//! [mode](crate::mode), confines itself and then becomes the program that is to be confined.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};

use super::super::access::{Access, Use};
use super::super::command_line::CommandLine;
use super::NetworkBarrier;
use super::system_view::SystemView;
use crate::mode::{self, Mode};

/// The newest version of Landlock whose every right is known here. A kernel that has an older one
/// holds what that one can: from version 6 on, signals to processes outside are refused, too.
const VERSION: ABI = ABI::V6;

/// The kernel's own files that every program may use. Of another process they show its name and its
/// command line; its environment and memory are refused by Landlock.
const READABLE: [&str; 1] = ["/proc"];
const DEVICES: [&str; 5] = [
    "/dev/full",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
];

/// What a process that confines itself may still reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    barrier: NetworkBarrier,
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
}

const NETWORK_NAMESPACE: &str = "--network-namespace";
const NO_TCP: &str = "--no-tcp";
const READ: &str = "--read";
const WRITE: &str = "--write";
const VARIABLE: &str = "--setenv";
const PROGRAM: &str = "--";

impl Rules {
    pub(super) fn new(barrier: NetworkBarrier, access: &Access, system: &SystemView) -> Self {
        let kernel = READABLE.iter().map(Path::new);
        let mut rules = Self {
            barrier,
            readable: system.paths().chain(kernel).map(PathBuf::from).collect(),
            writable: DEVICES.map(PathBuf::from).to_vec(),
        };
        for (path, usage) in access.by_path() {
            match usage {
                Use::Read => rules.readable.push(path.clone()),
                Use::Write => rules.writable.push(path.clone()),
            }
        }
        rules
    }
}

/// A command line around another.
pub(super) fn around(collector: &Path, line: CommandLine, rules: Rules) -> CommandLine {
    let mut arguments: Vec<OsString> = vec![
        match rules.barrier {
            NetworkBarrier::Namespace => NETWORK_NAMESPACE,
            NetworkBarrier::TcpAlone => NO_TCP,
        }
        .into(),
    ];
    for (option, paths) in [(READ, rules.readable), (WRITE, rules.writable)] {
        arguments.extend(
            paths
                .into_iter()
                .flat_map(|path| [option.into(), path.into()]),
        );
    }
    for (name, value) in line.environment {
        arguments.extend([VARIABLE.into(), name, value]);
    }
    arguments.extend([PROGRAM.into(), line.program]);
    arguments.extend(line.arguments);
    CommandLine {
        program: collector.into(),
        arguments,
        environment: vec![(mode::VARIABLE.into(), Mode::Confine.as_str().into())],
    }
}

/// The rules and the command line in the arguments that [`around`] made, or `None` where they are
/// others.
fn parse(arguments: &[OsString]) -> Option<(Rules, CommandLine)> {
    let mut rest = arguments.iter().cloned();
    let barrier = match rest.next()?.to_str()? {
        NETWORK_NAMESPACE => NetworkBarrier::Namespace,
        NO_TCP => NetworkBarrier::TcpAlone,
        _ => return None,
    };
    let mut rules = Rules {
        barrier,
        readable: Vec::new(),
        writable: Vec::new(),
    };
    let mut environment = Vec::new();
    loop {
        match rest.next()?.to_str()? {
            READ => rules.readable.push(rest.next()?.into()),
            WRITE => rules.writable.push(rest.next()?.into()),
            VARIABLE => environment.push((rest.next()?, rest.next()?)),
            PROGRAM => break,
            _ => return None,
        }
    }
    let line = CommandLine {
        program: rest.next()?,
        arguments: rest.collect(),
        environment,
    };
    Some((rules, line))
}

/// Confines this process and becomes the program that the arguments name. Returns only where that
/// failed.
pub(crate) fn confine(arguments: &[OsString]) -> io::Error {
    let Some((rules, line)) = parse(arguments) else {
        return io::Error::other("what is to be confined is not understood");
    };
    let confined = || -> io::Result<()> {
        if rules.barrier == NetworkBarrier::Namespace {
            leave_network()?;
        }
        give_up_capabilities();
        restrict_self(&rules).map_err(io::Error::other)
    };
    match confined() {
        Ok(()) => line.command().current_dir("/").exec(),
        Err(error) => error,
    }
}

/// Goes into a user namespace, which lets this user make a network namespace, in which there is no
/// network. What it was to the system's files it stays.
fn leave_network() -> io::Result<()> {
    // SAFETY: both take no arguments and cannot fail.
    let (user, group) = unsafe { (libc::getuid(), libc::getgid()) };
    let namespaces = libc::CLONE_NEWUSER | libc::CLONE_NEWNET | libc::CLONE_NEWIPC;
    // SAFETY: a plain number. This process has one thread, as a new user namespace demands.
    if unsafe { libc::unshare(namespaces) } == -1 {
        return Err(io::Error::last_os_error());
    }
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// Whoever made a user namespace has every capability in it, and root keeps them over an `exec`
/// unless they are out of its bounds. They reach nothing outside, but much of the kernel.
fn give_up_capabilities() {
    for capability in 0..64 {
        // SAFETY: plain numbers. One that the kernel does not know is refused.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
}

fn restrict_self(rules: &Rules) -> Result<(), String> {
    let created = Ruleset::default()
        .handle_access(AccessFs::from_all(VERSION))
        .and_then(|ruleset| match rules.barrier {
            NetworkBarrier::Namespace => Ok(ruleset),
            NetworkBarrier::TcpAlone => ruleset
                .set_compatibility(CompatLevel::HardRequirement)
                .handle_access(AccessNet::from_all(ABI::V4)),
        })
        .and_then(|ruleset| {
            ruleset
                .set_compatibility(CompatLevel::BestEffort)
                .scope(Scope::from_all(VERSION))
        })
        .and_then(Ruleset::create)
        .map_err(|error| error.to_string())?;
    let readable = rules.readable.iter().map(|path| (path, Use::Read));
    let writable = rules.writable.iter().map(|path| (path, Use::Write));
    let created = readable
        .chain(writable)
        .try_fold(created, |created, (path, usage)| {
            allow(created, path, usage)
        })?;
    let status = created.restrict_self().map_err(|error| error.to_string())?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err("the kernel has no Landlock, or it is off".to_owned()),
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
    }
}

fn allow(created: RulesetCreated, path: &Path, usage: Use) -> Result<RulesetCreated, String> {
    let Ok(descriptor) = PathFd::new(path) else {
        // What is not there needs no rule.
        return Ok(created);
    };
    let rights = match usage {
        Use::Read => AccessFs::from_read(VERSION),
        Use::Write => AccessFs::from_all(VERSION),
    };
    let rights = if path.is_dir() {
        rights
    } else {
        rights & AccessFs::from_file(VERSION)
    };
    created
        .add_rule(PathBeneath::new(descriptor, rights))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use proptest::prelude::*;

    use super::*;

    fn any_text() -> impl Strategy<Value = OsString> {
        proptest::collection::vec(1_u8.., 0..8).prop_map(OsString::from_vec)
    }

    fn any_paths() -> impl Strategy<Value = Vec<PathBuf>> {
        proptest::collection::vec(any_text().prop_map(PathBuf::from), 0..4)
    }

    proptest! {
        #[test]
        fn rules_are_understood_as_they_were_written_whatever_bytes_they_hold(
            (readable, writable) in (any_paths(), any_paths()),
            program in any_text(),
            arguments in proptest::collection::vec(any_text(), 0..4),
            environment in proptest::collection::vec((any_text(), any_text()), 0..4),
            has_namespace: bool,
        ) {
            let barrier = match has_namespace {
                true => NetworkBarrier::Namespace,
                false => NetworkBarrier::TcpAlone,
            };
            let rules = Rules { barrier, readable, writable };
            let line = CommandLine { program, arguments, environment };
            let around = around(Path::new("/c"), line.clone(), rules.clone());
            prop_assert_eq!(parse(&around.arguments), Some((rules, line)));
        }

        #[test]
        fn arguments_that_are_cut_short_are_not_understood_as_others(cut in 0_usize..9) {
            let rules = Rules {
                barrier: NetworkBarrier::TcpAlone,
                readable: vec!["/r".into()],
                writable: vec!["/w".into()],
            };
            let line = CommandLine {
                program: "/p".into(),
                arguments: Vec::new(),
                environment: vec![("N".into(), "V".into())],
            };
            let around = around(Path::new("/c"), line, rules);
            prop_assert_eq!(around.arguments.len(), 10);
            prop_assert_eq!(parse(&around.arguments[..cut]), None);
        }
    }
}
