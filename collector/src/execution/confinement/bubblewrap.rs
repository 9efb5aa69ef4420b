//! The command line of bubblewrap, 0.8 or newer.

use std::ffi::OsString;
use std::path::Path;

use super::super::access::{Access, Use};
use super::super::command_line::CommandLine;
use super::super::limits::Limits;
use super::system_view::{SystemEntry, SystemView};

/// The part of the limit on memory that the temporary folder, which lies in memory, may take.
const TEMPORARY_PART: u64 = 4;

/// The temporary folder inside.
pub(in crate::execution) const TEMPORARY_FOLDER: &str = "/tmp";

/// All namespaces are new: there is no network but a loopback of its own, no process but its own,
/// and when the first of them ends, the kernel ends all others, whatever group or session they
/// went to. No further namespace and no capability can be had, which closes most of the kernel's
/// larger doors. `--die-with-parent` ends all when the collector dies.
const ISOLATION: [&str; 10] = [
    "--unshare-all",
    "--unshare-user",
    "--disable-userns",
    "--cap-drop",
    "ALL",
    "--new-session",
    "--die-with-parent",
    "--hostname",
    "perfleet",
    "--clearenv",
];

/// A command line around another.
pub(super) fn around(
    program: &Path,
    line: CommandLine,
    (access, system): (&Access, &SystemView),
    limits: &Limits,
) -> CommandLine {
    let mut arguments: Vec<OsString> = ISOLATION.map(OsString::from).to_vec();
    for (name, value) in line.environment {
        arguments.extend(["--setenv".into(), name, value]);
    }
    let temporary_bytes = (limits.memory_bytes / TEMPORARY_PART).max(1);
    arguments.extend(["--proc", "/proc", "--dev", "/dev", "--size"].map(OsString::from));
    arguments.push(temporary_bytes.to_string().into());
    arguments.extend(["--tmpfs", TEMPORARY_FOLDER].map(OsString::from));
    for entry in &system.0 {
        match entry {
            SystemEntry::Path(path) => {
                arguments.extend(["--ro-bind".into(), path.into(), path.into()]);
            }
            SystemEntry::Link { at, to } => {
                arguments.extend(["--symlink".into(), to.into(), at.into()]);
            }
        }
    }
    let is_of_system = |path: &Path| system.paths().any(|known| path.starts_with(known));
    for (path, usage) in access.by_path() {
        if usage == Use::Read && is_of_system(path) {
            continue;
        }
        let option = match usage {
            Use::Read => "--ro-bind-try",
            Use::Write => "--bind",
        };
        arguments.extend([option.into(), path.into(), path.into()]);
    }
    // What was made on the way to these folders lies in memory, and nobody is to write there.
    let rest = [
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
        "--chdir",
        "/",
        "--",
    ];
    arguments.extend(rest.map(OsString::from));
    arguments.push(line.program);
    arguments.extend(line.arguments);
    CommandLine {
        program: program.into(),
        arguments,
        environment: Vec::new(),
    }
}
