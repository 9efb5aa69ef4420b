//! The splitter's script, as far as it says which page needs which files.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;

/// In the name of a part that is no page, before the page that it is wanted on.
const IN: &str = "_in_";

/// The page on which all parts may be wanted that several pages show.
const EVERY_PAGE: &str = "every_page";

/// Begins the line of a part in the script.
const PAGE: &str = "export const __wasm_split_load_";

/// Which page, and which piece of a page, needs which files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LinkScript {
    files_by_part: BTreeMap<String, BTreeSet<String>>,
    shared_imports: Vec<String>,
}

impl LinkScript {
    pub(super) fn parse(script: &str) -> Self {
        let files_by_part = script
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
            files_by_part,
            shared_imports,
        }
    }

    /// The files that no page does without.
    pub(super) fn files_of_every_page(&self) -> BTreeSet<String> {
        let mut pages = self.files_by_part.iter().filter(|(name, _)| is_page(name));
        let first = pages.next().map(|(_, files)| files.clone());
        pages.fold(first.unwrap_or_default(), |shared, (_, files)| {
            shared.intersection(files).cloned().collect()
        })
    }

    /// The files that are there already where a part is asked for, beside those of every page.
    ///
    /// # Errors
    /// When it is named after a page that there is not.
    pub(super) fn files_beside(&self, part: &str) -> Result<BTreeSet<String>, Error> {
        let Some((_, page)) = part.rsplit_once(IN) else {
            return Ok(BTreeSet::new());
        };
        if page == EVERY_PAGE {
            return Ok(BTreeSet::new());
        }
        let files = self.files_by_part.get(page).filter(|_| is_page(page));
        files.cloned().ok_or_else(|| Error::NotUnderstood {
            what: format!("the part `{part}` of the page"),
            reason: format!("there is no page `{page}`: name it after one, or `…{IN}{EVERY_PAGE}`"),
        })
    }

    /// What every file imports from the first module, by name.
    pub(super) fn shared_imports(&self) -> &[String] {
        &self.shared_imports
    }

    /// The parts, each with its files.
    pub(super) fn parts(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.files_by_part
    }
}

/// Whether a part is a page, and no piece of one.
pub(super) fn is_page(part: &str) -> bool {
    !part.contains(IN)
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
export const __wasm_split_load_log_in_status = wrapAsyncCb(makeLoad(() => async (_imp) => ({}), [__chunk_13]));
"#;

    #[test]
    fn a_piece_finds_the_files_of_its_page_there_and_names_a_page_that_there_is() {
        let link = LinkScript::parse(SCRIPT);
        let beside = |part: &str| link.files_beside(part);
        assert_eq!(beside("log_in_status").unwrap(), link.parts()["status"]);
        assert!(beside("help").unwrap().is_empty());
        assert!(beside("log_in_every_page").unwrap().is_empty());
        let error = beside("log_in_nothing").unwrap_err().to_string();
        assert!(error.contains("there is no page `nothing`"), "{error}");
    }

    #[test]
    fn a_page_needs_its_chunks_and_its_own_file_where_it_has_one() {
        let link = LinkScript::parse(SCRIPT);
        let files = |page: &str| link.parts()[page].iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            files("status"),
            ["chunk_13.wasm", "chunk_2.wasm", "split_status.wasm"]
        );
        assert_eq!(files("help"), ["chunk_2.wasm"]);
        let of_every_page = BTreeSet::from(["chunk_2.wasm".to_owned()]);
        assert_eq!(link.files_of_every_page(), of_every_page);
        let log = files("log_in_status");
        assert_eq!(log, ["chunk_13.wasm"]);
        assert_eq!(
            link.shared_imports(),
            ["__indirect_function_table", "memory"]
        );
    }
}
