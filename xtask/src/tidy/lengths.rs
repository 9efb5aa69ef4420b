//! A file has one subject, and what has one subject is not long.

use super::Violation;
use super::tree::TextFile;

const SOURCE_LINES_MAX: usize = 500;
/// Tests tell stories one after the other, and generated data is not read.
const TEST_LINES_MAX: usize = 700;

pub(super) fn check(files: &[TextFile]) -> Vec<Violation> {
    let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
    sources
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let limit = lines_max(&file.path);
            let message =
                format!("has {lines} lines, over the limit of {limit}: cut it by subject");
            (lines > limit).then(|| Violation::new(&file.path, message))
        })
        .collect()
}

fn lines_max(path: &str) -> usize {
    let is_longer_kind = path
        .split('/')
        .any(|part| part == "tests" || part == "generated")
        || path.ends_with("tests.rs");
    if is_longer_kind {
        TEST_LINES_MAX
    } else {
        SOURCE_LINES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_over_the_limit_is_found_and_a_test_of_that_length_is_not() {
        let text = "\n".repeat(SOURCE_LINES_MAX + 1);
        let files = [
            TextFile::new("store/src/lib.rs", &text),
            TextFile::new("store/tests/conformance.rs", &text),
            TextFile::new("docs/long.md", &text),
        ];
        let found = check(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].place, "store/src/lib.rs");
    }

    #[test]
    fn a_test_over_its_own_limit_is_found() {
        let text = "\n".repeat(TEST_LINES_MAX + 1);
        assert_eq!(
            check(&[TextFile::new("tests/tests/story.rs", &text)]).len(),
            1
        );
    }
}
