//! What the first view of each page weighs, as it is transferred.

use std::path::{Path, PathBuf};

use super::link_script::LinkScript;
use crate::command::say;
use crate::error::Error;

/// Bytes that the first view of a page may take: all that is loaded with an empty cache, compressed,
/// with styles and the chart library, without the data. It is to become 200,000; until then it only
/// goes down.
const FIRST_VIEW_BYTES_MAX: u64 = 370_000;

/// The first view of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FirstView {
    /// The page, by the name of its part.
    pub(crate) page: String,
    /// Bytes that are transferred.
    pub(crate) bytes: u64,
}

/// The first view of every page of a built page, the heaviest first.
pub(crate) fn first_views(dist: &Path) -> Result<Vec<FirstView>, Error> {
    let files = files_of(dist)?;
    let script = files
        .iter()
        .find(|file| file.name.starts_with("parts-"))
        .ok_or_else(|| Error::Missing {
            what: format!("the script that loads the parts in {}", dist.display()),
            remedy: "build the page with `cargo xtask page`".into(),
        })?;
    let text = std::fs::read_to_string(&script.path).map_err(Error::file("read", &script.path))?;
    let link = LinkScript::parse(&text);
    let mut views: Vec<FirstView> = link
        .pages()
        .iter()
        .map(|(page, needed)| {
            let is_loaded = |file: &&BuiltFile| {
                file.part()
                    .is_none_or(|part| needed.contains(&format!("{part}.wasm")))
            };
            FirstView {
                page: page.clone(),
                bytes: files.iter().filter(is_loaded).map(|file| file.bytes).sum(),
            }
        })
        .collect();
    views.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.page.cmp(&b.page)));
    Ok(views)
}

/// Says what each first view weighs.
pub(crate) fn print(dist: &Path) -> Result<(), Error> {
    for view in first_views(dist)? {
        say(
            "page",
            &format!("first view of {}: {} kB", view.page, view.bytes / 1000),
        );
    }
    Ok(())
}

/// Fails where a first view is heavier than it may be.
pub(crate) fn check(dist: &Path) -> Result<(), Error> {
    let too_heavy: Vec<String> = first_views(dist)?
        .iter()
        .filter(|view| view.bytes > FIRST_VIEW_BYTES_MAX)
        .map(|view| format!("{} ({} bytes)", view.page, view.bytes))
        .collect();
    if too_heavy.is_empty() {
        return Ok(());
    }
    Err(Error::Unfit {
        what: format!("the first view of {}", too_heavy.join(", ")),
        reason: format!(
            "is larger than {FIRST_VIEW_BYTES_MAX} bytes: `frontend/README.md` says what makes a page small"
        ),
    })
}

struct BuiltFile {
    path: PathBuf,
    name: String,
    /// As it is transferred.
    bytes: u64,
}

impl BuiltFile {
    /// The name of the part of the WebAssembly that it is, where only some pages need it.
    fn part(&self) -> Option<&str> {
        let is_part = self.name.starts_with("chunk_") || self.name.starts_with("split_");
        is_part.then(|| self.name.split('-').next())?
    }
}

/// The files below a folder, without those that are others' compressed forms.
fn files_of(folder: &Path) -> Result<Vec<BuiltFile>, Error> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let path = entry.map_err(Error::file("read", folder))?.path();
        if path.is_dir() {
            files.extend(files_of(&path)?);
            continue;
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        // The glossary is fetched by the page that shows it, once somebody is there.
        if name.ends_with(".br") || name.ends_with(".md") {
            continue;
        }
        let compressed = path.with_file_name(format!("{name}.br"));
        let sent = if compressed.is_file() {
            &compressed
        } else {
            &path
        };
        let bytes = std::fs::metadata(sent)
            .map_err(Error::file("read", sent))?
            .len();
        files.push(BuiltFile { path, name, bytes });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(largest: usize) -> tempfile::TempDir {
        let dist = tempfile::tempdir().unwrap();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(dist.path().join(name), bytes).unwrap();
        let script = "export const __wasm_split_load_graphs = f(\"./split_graphs.wasm\", [__chunk_7]);\n\
             export const __wasm_split_load_status = f(\"./split_status.wasm\", []);\n";
        write("parts-00.js", script.as_bytes());
        write("parts-00.js.br", &[0; 10]);
        write("index.html", &[0; 5]);
        write("chunk_7-00.wasm", &[0; 1000]);
        write("chunk_7-00.wasm.br", &[0; 100]);
        write("split_graphs-00.wasm", &vec![0; largest]);
        write("split_status-00.wasm", &[0; 30]);
        dist
    }

    #[test]
    fn a_first_view_is_what_all_pages_load_and_the_parts_of_its_page_as_transferred() {
        let dist = built(40);
        let views = first_views(dist.path()).unwrap();
        let told: Vec<_> = views
            .iter()
            .map(|view| (view.page.as_str(), view.bytes))
            .collect();
        assert_eq!(told, [("graphs", 155), ("status", 45)]);
        check(dist.path()).unwrap();
    }

    #[test]
    fn a_page_that_is_too_heavy_is_named() {
        let dist = built(FIRST_VIEW_BYTES_MAX as usize);
        let message = check(dist.path()).unwrap_err().to_string();
        assert!(message.contains("graphs ("), "{message}");
        assert!(!message.contains("status"), "{message}");
    }
}
