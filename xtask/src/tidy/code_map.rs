//! The code map names every room, so that a newcomer finds each, and no room that is gone.

use std::collections::BTreeSet;

use super::Violation;
use super::tree::TextFile;

const ARCHITECTURE: &str = "docs/architecture.md";
const HEADING: &str = "## Code map";

pub(super) fn check(
    files: &[TextFile],
    paths: &BTreeSet<String>,
    members: &[String],
) -> Vec<Violation> {
    let Some(document) = files.iter().find(|file| file.path == ARCHITECTURE) else {
        return vec![Violation::new(
            ARCHITECTURE,
            "is missing: the code map has to be there",
        )];
    };
    let Some(map) = code_map(&document.text) else {
        let message = format!("has no section `{HEADING}`");
        return vec![Violation::new(ARCHITECTURE, message)];
    };
    let folders = paths
        .iter()
        .filter_map(|path| path.split_once('/'))
        .map(|(top, _)| top);
    let rooms: BTreeSet<&str> = folders.chain(members.iter().map(String::as_str)).collect();
    let missing = rooms
        .iter()
        .filter(|room| !map.contains(&format!("`{room}/`")))
        .map(|room| {
            Violation::new(
                ARCHITECTURE,
                format!("the code map does not name `{room}/`"),
            )
        });
    let gone = named_rooms(map)
        .filter(|room| {
            !paths
                .iter()
                .any(|path| path.starts_with(&format!("{room}/")))
        })
        .map(|room| {
            Violation::new(
                ARCHITECTURE,
                format!("the code map names `{room}/`, which is gone"),
            )
        });
    missing.chain(gone).collect()
}

/// From its heading to the next of the same rank.
fn code_map(text: &str) -> Option<&str> {
    let start = text.find(&format!("{HEADING}\n"))? + HEADING.len();
    let rest = &text[start..];
    Some(rest.find("\n## ").map_or(rest, |end| &rest[..end]))
}

/// What stands in code marks and ends with `/`.
fn named_rooms(map: &str) -> impl Iterator<Item = &str> {
    let marked = map.split('`').skip(1).step_by(2);
    marked.filter_map(|name| name.strip_suffix('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "# A\n## Code map\n- `store/`: keeps\n- `docs/`: tells\n## After\n`suite/`\n";

    fn messages(map: &str) -> Vec<String> {
        let files = [TextFile::new(ARCHITECTURE, map)];
        let paths = ["Cargo.toml", "store/src/lib.rs", "docs/architecture.md"];
        let members = ["store".to_owned()];
        let found = check(&files, &paths.map(str::to_owned).into(), &members);
        found.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_map_that_names_every_room_is_accepted() {
        assert_eq!(messages(MAP), Vec::<String>::new());
    }

    #[test]
    fn a_room_that_the_map_leaves_out_is_found() {
        let map = MAP.replace("- `store/`: keeps\n", "");
        assert_eq!(messages(&map), ["the code map does not name `store/`"]);
    }

    #[test]
    fn a_room_that_is_gone_is_found() {
        let map = MAP.replace("keeps", "keeps, with `attic/`");
        assert_eq!(
            messages(&map),
            ["the code map names `attic/`, which is gone"]
        );
    }

    #[test]
    fn a_missing_document_and_a_missing_section_are_told() {
        assert_eq!(check(&[], &BTreeSet::new(), &[]).len(), 1);
        assert_eq!(messages("# A\n"), ["has no section `## Code map`"]);
    }
}
