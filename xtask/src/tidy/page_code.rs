//! What the page must not use, since it weighs too much. `frontend/README.md` says what takes its place.

use super::Violation;
use super::tree::TextFile;

/// The code of the page.
const FOLDER: &str = "frontend/src/";

/// What may name what Leptos offers.
const OWN_PRELUDE: &str = "frontend/src/prelude.rs";

/// From here on, a file is tests.
const TESTS: &str = "#[cfg(test)]";

/// What is looked for, and what to do instead.
const HEAVY: [(&str, &str); 4] = [
    (
        "use leptos::prelude::*",
        "its signals are compiled for each type of value again: `use crate::prelude::*`",
    ),
    (
        "<Show ",
        "it is compiled for each place again: `{shown_while(…, move || …)}`",
    ),
    (
        ".to_lowercase()",
        "the tables of Unicode weigh 7 kB: `to_ascii_lowercase`",
    ),
    (
        ".to_uppercase()",
        "the tables of Unicode weigh 7 kB: `to_ascii_uppercase`",
    ),
];

/// Looks for what is too heavy, outside of tests.
pub(super) fn check(files: &[TextFile]) -> Vec<Violation> {
    let of_the_page = files
        .iter()
        .filter(|file| file.path.starts_with(FOLDER) && file.path != OWN_PRELUDE);
    of_the_page.flat_map(of_file).collect()
}

fn of_file(file: &TextFile) -> Vec<Violation> {
    let code = file.text.lines().take_while(|line| line.trim() != TESTS);
    code.enumerate()
        .flat_map(|(index, line)| {
            let heavy = HEAVY.iter().filter(|(what, _)| line.contains(what));
            heavy.map(move |(what, instead)| {
                let message = format!("`{}` is too heavy for the page: {instead}", what.trim());
                Violation::at_line(file, index, message)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_heavy_is_told_with_what_to_use_and_tests_may_use_it() {
        let planted = "use leptos::prelude::*;\nlet a = name.to_lowercase();\n\
                       #[cfg(test)]\nmod tests { let b = name.to_uppercase(); }\n";
        let told = |path: &str| -> Vec<String> {
            let violations = check(&[TextFile::new(path, planted)]);
            violations.iter().map(ToString::to_string).collect()
        };
        let violations = told("frontend/src/page/status.rs");
        assert_eq!(violations.len(), 2, "{violations:?}");
        assert!(
            violations[0].starts_with("frontend/src/page/status.rs:1: `use leptos::prelude::*`")
        );
        assert!(violations[1].contains("to_ascii_lowercase"));
        assert!(told("frontend/src/prelude.rs").is_empty());
        assert!(told("functions/src/lib.rs").is_empty());
    }
}
