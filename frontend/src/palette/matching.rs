//! Which entries a text finds.

use crate::order::sorted;

/// Somewhere to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What readers see and what is searched.
    pub(super) label: String,
    /// What kind of thing it is.
    pub(super) kind: &'static str,
    /// Where it leads.
    pub(super) address: String,
}

/// The entries that hold all words of a text, upper and lower case of A to Z alike; those first whose label
/// begins with it. At most `most`.
pub(super) fn found(entries: &[Entry], text: &str, most: usize) -> Vec<Entry> {
    let text = text.trim().to_ascii_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let matching: Vec<(bool, &Entry)> = entries
        .iter()
        .filter_map(|entry| {
            let label = entry.label.to_ascii_lowercase();
            let searched = format!("{label} {}", entry.kind);
            words
                .iter()
                .all(|word| searched.contains(word))
                .then(|| (!label.starts_with(&text), entry))
        })
        .collect();
    sorted(matching, |one, other| one.0.cmp(&other.0))
        .into_iter()
        .take(most)
        .map(|(_, entry)| entry.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(label: &str, kind: &'static str) -> Entry {
        Entry {
            label: label.to_owned(),
            kind,
            address: format!("/{label}"),
        }
    }

    #[test]
    fn all_words_must_be_there_and_beginnings_come_first() {
        let entries = [
            entry("x86_64-zen4-llvm-t1", "configuration"),
            entry("llvm notes", "page"),
        ];
        let labels = |text| -> Vec<String> {
            let found = found(&entries, text, 9);
            found.into_iter().map(|entry| entry.label).collect()
        };
        assert_eq!(labels("LLVM"), ["llvm notes", "x86_64-zen4-llvm-t1"]);
        assert_eq!(labels("zen4 conf"), ["x86_64-zen4-llvm-t1"]);
        assert_eq!(labels("zen5"), Vec::<String>::new());
        assert_eq!(labels("").len(), 2);
    }

    proptest! {
        #[test]
        fn what_is_found_was_there_and_is_no_more_than_wanted(
            labels in proptest::collection::vec("[a-c ]{0,5}", 0..9), text in "[a-cA-C ]{0,4}", most in 0usize..5
        ) {
            let entries: Vec<Entry> = labels.iter().map(|label| entry(label, "page")).collect();
            let found = found(&entries, &text, most);
            prop_assert!(found.len() <= most);
            prop_assert!(found.iter().all(|it| entries.contains(it)));
        }
    }
}
