//! Nothing that is committed names a folder of the machine that it was written on.
//!
//! A line that must name such a folder says why: `tidy-allow(machine-path): reason`, on the same
//! line or the one above.

use regex::Regex;

use super::Violation;
use super::tree::TextFile;

/// Folders of people and of machines; a program that uses one asks the system for it.
// tidy-allow(machine-path): the rule itself
const MACHINE_PATH: &str = r#"(?:^|[\s"'`(=:,\[<])/(?:root|home|work|Users|tmp)/[\w.-]"#;

const ALLOWED: &str = "tidy-allow(machine-path): ";

pub(super) fn check(files: &[TextFile]) -> Vec<Violation> {
    let Ok(pattern) = Regex::new(MACHINE_PATH) else {
        return vec![Violation::new(
            "tidy",
            "the pattern of machine paths is broken",
        )];
    };
    files
        .iter()
        .flat_map(|file| check_file(file, &pattern))
        .collect()
}

fn check_file(file: &TextFile, pattern: &Regex) -> Vec<Violation> {
    let mut allowed_above = false;
    let mut violations = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let allowed = line.contains(ALLOWED);
        if !allowed && !allowed_above && pattern.is_match(line) {
            let message = "names a folder of one machine: use a relative or temporary path";
            violations.push(Violation::at_line(file, index, message));
        }
        allowed_above = allowed;
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test itself must not hold what it plants.
    fn planted(folder: &str) -> String {
        format!("first\nsee `/{folder}/someone/notes.md`\n")
    }

    #[test]
    fn folders_of_a_machine_are_found() {
        for folder in ["root", "home", "work", "tmp", "Users"] {
            let found = check(&[TextFile::new("docs/notes.md", &planted(folder))]);
            assert_eq!(found.len(), 1, "{folder}");
            assert_eq!(found[0].place, "docs/notes.md:2");
        }
    }

    #[test]
    fn a_reason_on_the_line_or_above_allows_one_line() {
        let path = planted("home");
        let line = path.lines().last().unwrap();
        let reason = format!("{ALLOWED}an example for people");
        let allowed = format!("{line} <!-- {reason} -->\n// {reason}\n{line}\n{line}\n");
        let found = check(&[TextFile::new("docs/notes.md", &allowed)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].place, "docs/notes.md:4");
    }

    #[test]
    fn other_paths_are_accepted() {
        let text =
            "https://example.org/home/page and /usr/bin/env and framework/x and --tmpfs /tmp";
        assert_eq!(check(&[TextFile::new("README.md", text)]), []);
    }
}
