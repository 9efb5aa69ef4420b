//! What a program has started: counted while it runs, and ended when it has left it behind. The
//! supervisor is the reaper of its orphans, so that a process that left the process group is found
//! among the supervisor's children.

use std::collections::BTreeMap;
use std::io;

/// How many rounds are made before giving up. A round kills every child that there is; the children
/// of those become children of the supervisor and fall in the next.
const ROUNDS_MAX: u32 = 100_000;

/// Kills all children of this process and theirs, and returns how many there were.
pub(super) fn kill_all() -> u32 {
    let mut killed = 0;
    for _ in 0..ROUNDS_MAX {
        match reap_one() {
            Reaped::One => killed += 1,
            Reaped::NoChildren => return killed,
            Reaped::AllAlive => {
                for child in children_of(std::process::id()) {
                    // SAFETY: `kill` takes plain numbers. The process is our child and not yet
                    // waited for, so that its number cannot have been given to another.
                    unsafe { libc::kill(child, libc::SIGKILL) };
                }
                wait_for_one();
                killed += 1;
            }
        }
    }
    killed
}

/// Kills, in one step, every process of this PID namespace but its first and this one: what starts
/// processes faster than they can be found has no time to. Only for a namespace that holds nothing
/// but the program.
pub(super) fn kill_namespace() {
    // SAFETY: plain numbers.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}

enum Reaped {
    One,
    AllAlive,
    NoChildren,
}

fn reap_one() -> Reaped {
    // SAFETY: a null status pointer is allowed and means that the status is not wanted.
    match unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } {
        0 => Reaped::AllAlive,
        -1 => Reaped::NoChildren,
        _ => Reaped::One,
    }
}

fn wait_for_one() {
    loop {
        // SAFETY: as in `reap_one`.
        let waited = unsafe { libc::waitpid(-1, std::ptr::null_mut(), 0) };
        let interrupted = io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
        if waited != -1 || !interrupted {
            return;
        }
    }
}

fn children_of(parent: u32) -> Vec<i32> {
    processes()
        .filter(|(_, stat)| parent_of(stat) == Some(parent))
        .filter_map(|(process, _)| i32::try_from(process).ok())
        .collect()
}

/// All processes that this one can see: number, and the text of `/proc/PID/stat`.
fn processes() -> impl Iterator<Item = (u32, String)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| {
        let process: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
        Some((process, String::from_utf8_lossy(&stat).into_owned()))
    })
}

/// How many there are, and what they take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Census {
    /// Processes and threads.
    pub(super) processes: u64,
    /// The sum of their resident sets, in bytes. What several share is counted for each.
    pub(super) resident_bytes: u64,
}

/// Counts what this process has started, and what that has started.
pub(super) fn census() -> Census {
    // SAFETY: `sysconf` takes a plain number.
    let page_bytes = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4_096);
    census_of(processes(), std::process::id(), page_bytes)
}

fn census_of(
    processes: impl Iterator<Item = (u32, String)>,
    ancestor: u32,
    page_bytes: u64,
) -> Census {
    let mut by_parent: BTreeMap<u32, Vec<(u32, Process)>> = BTreeMap::new();
    for (number, stat) in processes {
        if let Some(process) = Process::parse(&stat) {
            let siblings = by_parent.entry(process.parent).or_default();
            siblings.push((number, process));
        }
    }
    let mut census = Census::default();
    let mut waiting = vec![ancestor];
    while let Some(parent) = waiting.pop() {
        // Removed, so that no text can make a circle of it.
        for (number, process) in by_parent.remove(&parent).unwrap_or_default() {
            census.processes = census.processes.saturating_add(process.threads);
            let bytes = process.resident_pages.saturating_mul(page_bytes);
            census.resident_bytes = census.resident_bytes.saturating_add(bytes);
            waiting.push(number);
        }
    }
    census
}

struct Process {
    parent: u32,
    threads: u64,
    resident_pages: u64,
}

impl Process {
    fn parse(stat: &str) -> Option<Self> {
        let mut fields = fields_after_name(stat)?.skip(1);
        Some(Self {
            parent: fields.next()?.parse().ok()?,
            threads: fields.nth(15)?.parse().ok()?,
            resident_pages: fields.nth(3)?.parse().ok()?,
        })
    }
}

/// The parent's number in the text of `/proc/PID/stat`.
pub fn parent_of(stat: &str) -> Option<u32> {
    fields_after_name(stat)?.nth(1)?.parse().ok()
}

/// The fields of `/proc/PID/stat` from the third on. The second is a name in parentheses that may
/// itself hold spaces and parentheses.
fn fields_after_name(stat: &str) -> Option<impl Iterator<Item = &str>> {
    let (_, after_name) = stat.rsplit_once(')')?;
    Some(after_name.split_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stat(name: &str, parent: u32, threads: u64, pages: u64) -> String {
        format!(
            "71 ({name}) S {parent} 71 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 {threads} 0 500 900 \
             {pages} 18446744073709551615 1 1"
        )
    }

    proptest! {
        #[test]
        fn the_parent_is_found_whatever_the_process_calls_itself(
            name in "[ -~]{0,15}", parent: u32
        ) {
            prop_assert_eq!(parent_of(&stat(&name, parent, 1, 1)), Some(parent));
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".{0,60}") {
            let _ = parent_of(&text);
            let _ = Process::parse(&text);
        }
    }

    #[test]
    fn descendants_are_counted_with_their_threads_and_strangers_are_not() {
        let processes = [
            (10, stat("supervisor", 1, 1, 50)),
            (11, stat("cargo) S 1", 10, 3, 100)),
            (12, stat("rustc", 11, 4, 200)),
            (13, stat("stranger", 1, 9, 999)),
        ];
        let census = census_of(processes.into_iter(), 10, 4_096);
        assert_eq!(
            census,
            Census {
                processes: 7,
                resident_bytes: 300 * 4_096
            }
        );
    }

    #[test]
    fn this_process_has_what_it_started_in_its_census() {
        let mut child = std::process::Command::new("sleep")
            .arg("1000")
            .spawn()
            .unwrap();
        let counted = census();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            counted.processes >= 1 && counted.resident_bytes > 0,
            "{counted:?}"
        );
    }
}
