//! Ending what a program has left behind: the supervisor is the reaper of its orphans, so that a
//! process that left the process group is found among the supervisor's children.

use std::io;

/// How many rounds are made before giving up. A round kills every child that there is; the children
/// of those become children of the supervisor and fall in the next.
const ROUNDS_MAX: u32 = 1_000;

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
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .filter_map(|entry| {
            let process: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read(format!("/proc/{process}/stat")).ok()?;
            (parent_of(&String::from_utf8_lossy(&stat))? == parent).then_some(process)
        })
        .collect()
}

/// The parent's number in the text of `/proc/PID/stat`, whose second field is a name in parentheses
/// that may itself hold spaces and parentheses.
pub fn parent_of(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_parent_is_found_whatever_the_process_calls_itself(
            name in "[ -~]{0,15}", parent: u32
        ) {
            let stat = format!("71 ({name}) S {parent} 71 1 0 -1 4194560 0 0");
            prop_assert_eq!(parent_of(&stat), Some(parent));
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".{0,60}") {
            let _ = parent_of(&text);
        }
    }
}
