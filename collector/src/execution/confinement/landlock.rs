//! Confinement by Landlock, where bubblewrap is not there or cannot work: this program, in another
//! [mode](crate::mode), confines itself and then becomes the program that is to be confined.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};
use serde::{Deserialize, Serialize};

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

/// What is told to the process that confines itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rules {
    barrier: NetworkBarrier,
    readable: Vec<OsString>,
    writable: Vec<OsString>,
}

impl Rules {
    pub(super) fn new(barrier: NetworkBarrier, access: &Access, system: &SystemView) -> Self {
        let kernel = READABLE.iter().map(Path::new);
        let mut rules = Self {
            barrier,
            readable: system.paths().chain(kernel).map(OsString::from).collect(),
            writable: DEVICES.map(OsString::from).to_vec(),
        };
        for (path, usage) in access.by_path() {
            match usage {
                Use::Read => rules.readable.push(path.into()),
                Use::Write => rules.writable.push(path.into()),
            }
        }
        rules
    }
}

/// All that the process needs to become the program.
#[derive(Debug, Serialize, Deserialize)]
struct Assignment {
    rules: Rules,
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

/// A command line around another.
pub(super) fn around(collector: &Path, line: CommandLine, rules: Rules) -> CommandLine {
    let assignment = Assignment {
        rules,
        program: line.program,
        arguments: line.arguments,
        environment: line.environment,
    };
    // Lists of bytes and numbers, for which JSON has a form whatever they hold.
    let json = serde_json::to_string(&assignment).unwrap_or_default();
    CommandLine {
        program: collector.into(),
        arguments: vec![json.into()],
        environment: vec![(mode::VARIABLE.into(), Mode::Confine.as_str().into())],
    }
}

/// Confines this process and becomes the program that the assignment names. Returns only where that
/// failed.
pub(crate) fn confine(assignment: &OsString) -> io::Error {
    let become_program = || -> io::Result<io::Error> {
        let assignment: Assignment = serde_json::from_slice(assignment.as_encoded_bytes())?;
        if assignment.rules.barrier == NetworkBarrier::Namespace {
            leave_network()?;
        }
        give_up_capabilities();
        restrict_self(&assignment.rules).map_err(io::Error::other)?;
        Ok(std::process::Command::new(&assignment.program)
            .args(&assignment.arguments)
            .env_clear()
            .envs(assignment.environment.iter().cloned())
            .current_dir("/")
            .exec())
    };
    become_program().unwrap_or_else(|error| error)
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

fn allow(created: RulesetCreated, path: &OsString, usage: Use) -> Result<RulesetCreated, String> {
    let Ok(descriptor) = PathFd::new(Path::new(path)) else {
        // What is not there needs no rule.
        return Ok(created);
    };
    let rights = match usage {
        Use::Read => AccessFs::from_read(VERSION),
        Use::Write => AccessFs::from_all(VERSION),
    };
    let rights = if Path::new(path).is_dir() {
        rights
    } else {
        rights & AccessFs::from_file(VERSION)
    };
    created
        .add_rule(PathBeneath::new(descriptor, rights))
        .map_err(|error| format!("{}: {error}", path.display()))
}
