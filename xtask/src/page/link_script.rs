//! The splitter's script, as far as it says which page needs which files.

use std::collections::{BTreeMap, BTreeSet};

/// Begins the line of a page in the script.
const PAGE: &str = "export const __wasm_split_load_";

/// Which page needs which files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LinkScript {
    files_by_page: BTreeMap<String, BTreeSet<String>>,
    shared_imports: Vec<String>,
}

impl LinkScript {
    pub(super) fn parse(script: &str) -> Self {
        let files_by_page = script
            .split(PAGE)
            .skip(1)
            .map(|rest| {
                let names = || rest.split(|letter: char| !is_of_name(letter));
                let page = names().next().unwrap_or_default().to_owned();
                let own = format!("split_{page}");
                let files = names()
                    .filter_map(|name| match name.strip_prefix("__") {
                        Some(chunk) if chunk.starts_with("chunk_") => Some(chunk),
                        _ => (name == own).then_some(name),
                    })
                    .map(|stem| format!("{stem}.wasm"))
                    .collect();
                (page, files)
            })
            .collect();
        // What the first module exports for all others: `const { memory, … } = initSync(…)`.
        let shared_imports = script
            .split_once(" } = initSync(")
            .and_then(|(before, _)| before.rsplit_once('{'))
            .into_iter()
            .flat_map(|(_, names)| names.split(','))
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        Self {
            files_by_page,
            shared_imports,
        }
    }

    /// Every file, each once.
    pub(super) fn files(&self) -> BTreeSet<String> {
        self.files_by_page.values().flatten().cloned().collect()
    }

    /// Whether no page does without a file.
    pub(super) fn is_of_every_page(&self, file: &str) -> bool {
        self.files_by_page
            .values()
            .all(|files| files.contains(file))
    }

    /// What every file imports from the first module, by name.
    pub(super) fn shared_imports(&self) -> &[String] {
        &self.shared_imports
    }

    /// The pages, each with its files.
    pub(super) fn pages(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.files_by_page
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = r#"
function getSharedImports() {
    const { __indirect_function_table, memory,  } = initSync(undefined, undefined);
}
/* graphs, status */
const __chunk_2 = makeLoad(() => {
    const src = fetch(new URL("./chunk_2.wasm", import.meta.url));
}
, []);
export const __wasm_split_load_status = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL("./split_status.wasm", import.meta.url));
}
, [__chunk_2, __chunk_13]));
export const __wasm_split_load_help = wrapAsyncCb(makeLoad(() => async (_imp) => ({}), [__chunk_2]));
"#;

    #[test]
    fn a_page_needs_its_chunks_and_its_own_file_where_it_has_one() {
        let link = LinkScript::parse(SCRIPT);
        let files = |page: &str| link.pages()[page].iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            files("status"),
            ["chunk_13.wasm", "chunk_2.wasm", "split_status.wasm"]
        );
        assert_eq!(files("help"), ["chunk_2.wasm"]);
        assert!(link.is_of_every_page("chunk_2.wasm"));
        assert!(!link.is_of_every_page("chunk_13.wasm"));
        assert_eq!(link.files().len(), 3);
        assert_eq!(
            link.shared_imports(),
            ["__indirect_function_table", "memory"]
        );
    }
}
