//! The script that fetches the parts of the page, in the place of the splitter's own, which says for
//! each of hundreds of chunks how it is fetched.

use std::collections::BTreeMap;

use crate::error::Error;

/// Begins the line that says which page needs which containers.
const TABLE: &str = "const containersOf = ";

/// What the script is made of.
pub(super) struct Loader<'a> {
    /// The stem of the script of the bindings.
    pub(super) bindings: &'a str,
    /// The digits in the names of the containers.
    pub(super) hash: &'a str,
    /// What every chunk imports from the first module.
    pub(super) shared_imports: &'a [String],
    /// The stems of the containers that each page needs.
    pub(super) containers_of_parts: &'a BTreeMap<String, Vec<String>>,
}

impl Loader<'_> {
    /// The script.
    pub(super) fn script(&self) -> Result<String, Error> {
        let table = serde_json::to_string(self.containers_of_parts).map_err(not_understood)?;
        let exports: String = self
            .containers_of_parts
            .keys()
            .map(|page| format!("export const __wasm_split_load_{page} = loading(\"{page}\");\n"))
            .collect();
        Ok(include_str!("loader.js")
            .replace("BINDINGS", self.bindings)
            .replace("HASH", self.hash)
            .replace("SHARED_IMPORTS", &self.shared_imports.join(", "))
            .replace("TABLE_OF_CONTAINERS\n", &format!("{TABLE}{table};\n"))
            + &exports)
    }

    /// The stems of the containers that each page needs, read from a script.
    pub(super) fn containers_of_parts(
        script: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, Error> {
        let table = script
            .lines()
            .find_map(|line| line.strip_prefix(TABLE)?.strip_suffix(';'))
            .unwrap_or_default();
        serde_json::from_str(table).map_err(not_understood)
    }
}

fn not_understood(error: serde_json::Error) -> Error {
    Error::NotUnderstood {
        what: "the table of the page's containers".into(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_says_which_page_needs_which_containers_and_how_each_is_loaded() {
        let containers_of_parts = BTreeMap::from([
            (
                "graphs".to_owned(),
                vec!["shared".to_owned(), "split_graphs".to_owned()],
            ),
            ("help".to_owned(), vec!["shared".to_owned()]),
        ]);
        let loader = Loader {
            bindings: "page-00",
            hash: "00",
            shared_imports: &["memory".to_owned(), "table".to_owned()],
            containers_of_parts: &containers_of_parts,
        };
        let script = loader.script().unwrap();
        assert_eq!(
            Loader::containers_of_parts(&script).unwrap(),
            containers_of_parts
        );
        for line in [
            "import { initSync } from \"./page-00.js\";",
            "export const __wasm_split_load_graphs = loading(\"graphs\");",
            "  const { memory, table } = initSync(undefined, undefined);",
        ] {
            assert!(script.lines().any(|it| it == line), "{line}: {script}");
        }
        assert!(Loader::containers_of_parts("nothing").is_err());
    }
}
