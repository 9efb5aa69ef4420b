//! The command that measures a test case of a comparison once more, on the reader's own machine.

use std::collections::BTreeSet;

use shared_types::{ArtifactId, Backend, ConfigurationRecord, TestCase};

/// The command. `None` for what this suite did not measure. A configuration's target is named where it
/// is another than that of the hosts, on which it was measured.
pub(super) fn command(
    [base, head]: [&ArtifactId; 2],
    test_case: &TestCase,
    record: &ConfigurationRecord,
    host_targets: &BTreeSet<String>,
) -> Option<String> {
    let which = match test_case {
        TestCase::Compile {
            benchmark,
            profile,
            scenario,
        } => format!(
            "--include {benchmark} --profiles {profile} --scenarios {}",
            scenario.kind()
        ),
        TestCase::Runtime { benchmark, .. } => format!("--kinds runtime --include {benchmark}"),
        TestCase::Toolchain { component } => format!("--kinds toolchain --include {component}"),
        TestCase::Imported { .. } => return None,
    };
    let mut command = format!("collector bench {base} {head} {which}");
    if record.frontend_threads > 1 {
        command.push_str(&format!(" --threads {}", record.frontend_threads));
    }
    if record.backend == Backend::Cranelift {
        command.push_str(" --backend cranelift");
    }
    if !host_targets.is_empty() && !host_targets.contains(&record.target) {
        command.push_str(&format!(" --target {}", quoted(&record.target)));
    }
    for flag in &record.flags {
        command.push_str(&format!(" --flag={}", quoted(flag)));
    }
    if matches!(test_case, TestCase::Compile { .. }) {
        command.push_str(" --self-profile");
    }
    Some(command)
}

/// A word of a shell.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_=.,:/+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(name: &str) -> ArtifactId {
        name.parse().unwrap()
    }

    fn record() -> ConfigurationRecord {
        ConfigurationRecord {
            target: "x86_64-unknown-linux-gnu".to_owned(),
            hardware_model: "any".to_owned(),
            backend: Backend::Cranelift,
            frontend_threads: 4,
            flags: vec!["-Copt-level=3".to_owned(), "--cfg it's".to_owned()],
        }
    }

    fn compiled() -> TestCase {
        TestCase::Compile {
            benchmark: "syn-2.0.119".parse().unwrap(),
            profile: shared_types::Profile::Check,
            scenario: "incr-patched:println".parse().unwrap(),
        }
    }

    #[test]
    fn the_command_names_the_sides_the_test_case_and_what_differs_from_the_defaults() {
        let base = artifact("release-1.94.0");
        let head = artifact("local-nightly-e50aa6fba");
        let hosts = BTreeSet::from(["x86_64-unknown-linux-gnu".to_owned()]);
        assert_eq!(
            command([&base, &head], &compiled(), &record(), &hosts).unwrap(),
            "collector bench release-1.94.0 local-nightly-e50aa6fba --include syn-2.0.119 --profiles check \
             --scenarios incr-patched --threads 4 --backend cranelift --flag=-Copt-level=3 \
             --flag='--cfg it'\\''s' --self-profile"
        );
    }

    #[test]
    fn what_is_compiled_for_another_target_names_it() {
        let side = artifact("release-1.94.0");
        let record = ConfigurationRecord {
            target: "wasm32-unknown-unknown".to_owned(),
            ..record()
        };
        let hosts = BTreeSet::from(["x86_64-unknown-linux-gnu".to_owned()]);
        let command = command([&side, &side], &compiled(), &record, &hosts).unwrap();
        assert!(
            command.contains(" --target wasm32-unknown-unknown "),
            "{command}"
        );
    }

    #[test]
    fn what_was_measured_elsewhere_has_no_command() {
        let imported = TestCase::Imported {
            name: "7zip".parse().unwrap(),
        };
        let side = artifact("release-1.94.0");
        assert_eq!(
            command([&side, &side], &imported, &record(), &BTreeSet::new()),
            None
        );
    }
}
