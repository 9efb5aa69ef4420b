//! What the first view of each page weighs, as it is transferred.

use std::path::{Path, PathBuf};

use super::link_script::is_page;
use super::loader::Loader;
use crate::command::say;
use crate::error::Error;

/// Bytes that the first view of a page may take: all that is loaded with an empty cache, compressed,
/// with styles and, where there are charts, the chart library, without the data.
const FIRST_VIEW_BYTES_MAX: u64 = 200_000;

/// The pages whose first view has charts: all others do without the chart library. The browser test
/// `parts` holds that it is so.
const PAGES_WITH_CHARTS: [&str; 3] = ["graphs", "releases", "test_case"];

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
    let mut views: Vec<FirstView> = Loader::containers_of_parts(&text)?
        .iter()
        .filter(|(part, _)| is_page(part))
        .map(|(page, needed)| {
            let is_loaded = |file: &&BuiltFile| match file.container() {
                Some(stem) => needed.iter().any(|needed| needed == stem),
                None => !file.is_chart_library() || PAGES_WITH_CHARTS.contains(&page.as_str()),
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
            "takes more than {FIRST_VIEW_BYTES_MAX} bytes: `frontend/README.md` says what makes a page small"
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
    /// The stem of the container of parts that it is, where only some pages need it.
    fn container(&self) -> Option<&str> {
        let is_container = self.name.starts_with("split_");
        is_container.then(|| self.name.split('-').next())?
    }

    fn is_chart_library(&self) -> bool {
        self.name.starts_with("uPlot.") && self.name.ends_with(".js")
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
        let script = "const containersOf = {\"graphs\":[\"shared\",\"split_graphs\"],\
                      \"status\":[\"shared\",\"split_status\"],\
                      \"log_in_status\":[\"split_log_in_status\"]};\n";
        write("parts-00.js", script.as_bytes());
        write("parts-00.js.br", &[0; 10]);
        write("index.html", &[0; 5]);
        write("uPlot.iife.min.js", &[0; 1000]);
        write("uPlot.iife.min.js.br", &[0; 100]);
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
