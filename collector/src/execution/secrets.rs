//! What no program that is measured, or that compiles for one, may see: the fleet's credentials. A
//! compiler that is measured may be anybody's.

use std::ffi::OsStr;
use std::process::Command;

/// Whether a variable of this name may hold a secret. None reaches a benchmarked program.
pub fn may_be_secret(name: &OsStr) -> bool {
    let upper = name.to_string_lossy().to_ascii_uppercase();
    is_of_the_fleet(name)
        || [
            "TOKEN",
            "SECRET",
            "PASSWORD",
            "PASSWD",
            "CREDENTIAL",
            "API_KEY",
            "PRIVATE_KEY",
        ]
        .iter()
        .any(|part| upper.contains(part))
}

/// Whether a variable of this name steers the collector, or says who it is to AWS.
fn is_of_the_fleet(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    name.starts_with("AWS_") || name.starts_with("PERFLEET_")
}

/// Keeps from a program all that may be secret.
pub(crate) fn without_secrets(command: &mut Command) -> &mut Command {
    without(command, may_be_secret)
}

/// Keeps from a program what is the fleet's, and leaves it tokens of its own: cargo may need one
/// for its registry.
pub(crate) fn without_secrets_of_the_fleet(command: &mut Command) -> &mut Command {
    without(command, is_of_the_fleet)
}

fn without(command: &mut Command, is_kept_away: fn(&OsStr) -> bool) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if is_kept_away(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// Hides this process's environment and memory from other processes of its user, to which the
/// system would show them under `/proc`: measured programs run as the same user. Programs that it
/// starts are not affected. Where the system refuses, all goes on as before.
#[cfg(target_os = "linux")]
pub(crate) fn hide_this_process() {
    // SAFETY: `prctl` with this option takes a plain number.
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
}

/// Other systems show the environment to nobody else's programs, and have no such switch.
#[cfg(not(target_os = "linux"))]
pub(crate) fn hide_this_process() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_fleets_or_sounds_like_a_secret_is_kept_away() {
        for secret in [
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "PERFLEET_TOKEN",
            "PERFLEET_AWS_BUCKET",
            "CARGO_REGISTRY_TOKEN",
            "my_password",
        ] {
            assert!(may_be_secret(OsStr::new(secret)), "{secret}");
        }
        for harmless in ["PATH", "CARGO_HOME", "OUT_DIR", "MALLOC_CONF"] {
            assert!(!may_be_secret(OsStr::new(harmless)), "{harmless}");
        }
    }
}
