//! Names that say nothing of what is inside.

use regex::Regex;

use super::Violation;
use super::tree::TextFile;

const EMPTY_NAMES: [&str; 9] = [
    "common",
    "helper",
    "helpers",
    "manager",
    "misc",
    "miscellaneous",
    "util",
    "utilities",
    "utils",
];

pub(super) fn check(files: &[TextFile]) -> Vec<Violation> {
    let declaration = module_declaration();
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let parts = file.path.trim_end_matches(".rs").split('/');
        for part in parts.filter(|part| EMPTY_NAMES.contains(part)) {
            violations.push(Violation::new(&file.path, message(part)));
        }
        for (index, line) in file.text.lines().enumerate() {
            if let Some(found) = declaration.as_ref().and_then(|regex| regex.captures(line))
                && EMPTY_NAMES.contains(&&found[1])
            {
                violations.push(Violation::at_line(file, index, message(&found[1])));
            }
        }
    }
    violations
}

fn message(name: &str) -> String {
    format!("`{name}` says nothing of what is inside: name the subject")
}

fn module_declaration() -> Option<Regex> {
    Regex::new(r"^\s*(?:pub(?:\([a-z: ]+\))?\s+)?mod\s+(\w+)").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_found_as_files_folders_and_modules() {
        let files = [
            TextFile::new("store/src/utils.rs", ""),
            TextFile::new("tests/tests/common/mod.rs", ""),
            TextFile::new("store/src/lib.rs", "//! x\npub(crate) mod helpers {\n"),
        ];
        let places: Vec<String> = check(&files).into_iter().map(|found| found.place).collect();
        let expected = [
            "store/src/utils.rs",
            "tests/tests/common/mod.rs",
            "store/src/lib.rs:2",
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn words_that_only_contain_such_a_name_are_accepted() {
        let text = "mod common_prefix;\n// a helper of the reader\nlet misc = 1;\n";
        assert_eq!(
            check(&[TextFile::new("store/src/utilisation.rs", text)]),
            []
        );
    }
}
