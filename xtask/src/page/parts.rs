//! Cutting the page's WebAssembly into parts: what is needed at once, what every page shares, and
//! what only some pages need.
//!
//! The splitter makes a chunk for each set of pages that something is used by, and there are many
//! sets. So chunks are linked into containers: what every page uses into one module, and all else that a
//! page uses into the one of the page, with its part. That is one request instead of hundreds, calls
//! between its chunks need no table, and it compresses far better than its pieces. A function of several
//! pages comes again with the next of them and takes its own place in the table, which changes nothing:
//! what functions write lies in the first module. A piece of a page that is fetched once it is wanted
//! brings what its page did not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::link_script::LinkScript;
use super::loader::Loader;
use super::unused_exports::without_unused_exports;
use crate::command;
use crate::error::Error;

/// What is cut, and where to.
pub(super) struct Cutting<'a> {
    /// What cargo compiled, with names and relocations.
    pub(super) compiled: &'a Path,
    /// A folder for what is made on the way.
    pub(super) work: &'a Path,
    /// What Trunk built.
    pub(super) dist: &'a Path,
    /// Where the tools are.
    pub(super) path_folders: &'a [PathBuf],
    /// Sixteen digits that change whenever the page does: what has them in its name is kept by browsers.
    pub(super) hash: &'a str,
}

impl Cutting<'_> {
    /// Puts the parts in the place of the one module that Trunk built.
    pub(super) fn run(&self) -> Result<(), Error> {
        let _ = std::fs::remove_dir_all(self.work);
        let (cut, bound) = (self.work.join("cut"), self.work.join("bound"));
        let main = format!("page-{}", self.hash);
        std::fs::create_dir_all(self.work).map_err(Error::file("create", self.work))?;
        let used = self.work.join("used.wasm");
        let compiled = std::fs::read(self.compiled).map_err(Error::file("read", self.compiled))?;
        std::fs::write(&used, without_unused_exports(&compiled)?)
            .map_err(Error::file("write", &used))?;
        self.tool("wasm-split-cli")
            .arg(&used)
            .arg(&cut)
            .args(["--out-name", &main])
            .run()?;
        self.tool("wasm-bindgen")
            .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
            .args(["--out-name", &main, "--out-dir"])
            .arg(&bound)
            .arg(cut.join(format!("{main}.wasm")))
            .run()?;
        let link = LinkScript::parse(&read(&cut.join("__wasm_split.js"))?);
        let containers = Containers::of(&link)?;
        let loader = Loader {
            bindings: &main,
            hash: self.hash,
            shared_imports: link.shared_imports(),
            containers_of_parts: &containers.of_parts,
        };
        let loader_name = format!("parts-{}.js", self.hash);
        self.write(&loader_name, loader.script()?.as_bytes())?;
        let (module, script) = (format!("{main}_bg.wasm"), format!("{main}.js"));
        let linked: Vec<serde_json::Value> = containers
            .files
            .iter()
            .map(|(stem, files)| {
                let files: Vec<PathBuf> = files.iter().map(|file| cut.join(file)).collect();
                let to = self.dist.join(format!("{stem}-{}.wasm", self.hash));
                serde_json::json!({ "files": files, "to": to })
            })
            .collect();
        let mut scripts = Vec::new();
        super::collect_files(&self.dist.join("snippets"), &mut scripts)?;
        scripts.retain(|path| path.extension().is_some_and(|extension| extension == "js"));
        scripts.extend(["theme.js", &loader_name].map(|name| self.dist.join(name)));
        self.link(&serde_json::json!({
            "main": [bound.join(&module), self.dist.join(&module)],
            "bindings": [bound.join(&script), self.dist.join(&script)],
            "containers": linked,
            "sharedImports": link.shared_imports(),
            "scripts": scripts,
            "scratch": self.work,
        }))?;
        let bindings = with_script_of_parts(&read(&self.dist.join(&script))?, self.hash);
        self.write(&script, bindings.as_bytes())?;
        self.name_parts_in_document(&main)
    }

    /// Makes the document load the parts, and takes away what Trunk built for it to load.
    fn name_parts_in_document(&self, main: &str) -> Result<(), Error> {
        let path = self.dist.join("index.html");
        let html = read(&path)?;
        let built = stem_of_trunk(&html).ok_or_else(|| Error::NotUnderstood {
            what: path.display().to_string(),
            reason: "it names no `/frontend-….js` to begin with".into(),
        })?;
        let hash = self.hash;
        let preload = format!(
            "<link rel=\"modulepreload\" href=\"/parts-{hash}.js\"><link rel=\"preload\" \
             href=\"/shared-{hash}.wasm\" crossorigin=\"anonymous\" as=\"fetch\" type=\"application/wasm\"></head>"
        );
        let html = html.replace(built, main).replace("</head>", &preload);
        for file in [format!("{built}.js"), format!("{built}_bg.wasm")] {
            let file = self.dist.join(file);
            std::fs::remove_file(&file).map_err(Error::file("remove", &file))?;
        }
        self.write("index.html", html.as_bytes())
    }

    /// Links what is named in a task, as `link.js` says.
    fn link(&self, task: &serde_json::Value) -> Result<(), Error> {
        let path = self.work.join("link.json");
        std::fs::write(&path, task.to_string()).map_err(Error::file("write", &path))?;
        let mut beside_programs = self
            .path_folders
            .iter()
            .map(|folder| folder.with_file_name("binaryen"));
        let library = beside_programs
            .find(|folder| folder.is_dir())
            .ok_or_else(|| Error::Missing {
                what: "binaryen, beside the page's other tools of npm".into(),
                remedy: "run `cargo xtask setup page`".into(),
            })?;
        self.tool("node")
            .args(["--input-type=module", "-e", include_str!("link.js")])
            .arg(library)
            .arg(path)
            .run()
    }

    fn tool(&self, program: &str) -> Tool {
        let mut command = Command::new(program);
        command.env("PATH", command::path_with(self.path_folders));
        Tool(command)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.dist.join(name);
        std::fs::write(&path, bytes).map_err(Error::file("write", &path))
    }
}

/// Which files lie in which container.
#[derive(Debug, Default, PartialEq, Eq)]
struct Containers {
    /// The files of each container, by its stem.
    files: BTreeMap<String, BTreeSet<String>>,
    /// The stems of the containers that a part needs.
    of_parts: BTreeMap<String, Vec<String>>,
}

impl Containers {
    fn of(link: &LinkScript) -> Result<Self, Error> {
        let shared = link.files_of_every_page();
        let mut containers = Self::default();
        for (part, files) in link.parts() {
            let mut needed = vec!["shared".to_owned()];
            let beside = link.files_beside(part)?;
            let is_own = |file: &&String| !shared.contains(*file) && !beside.contains(*file);
            let own: BTreeSet<String> = files.iter().filter(is_own).cloned().collect();
            if !own.is_empty() {
                let stem = format!("split_{part}");
                containers.files.insert(stem.clone(), own);
                needed.push(stem);
            }
            containers.of_parts.insert(part.clone(), needed);
        }
        containers.files.insert("shared".to_owned(), shared);
        Ok(containers)
    }
}

/// A program that is heard of when it fails alone.
struct Tool(Command);

impl Tool {
    fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.args(arguments);
        self
    }

    fn run(mut self) -> Result<(), Error> {
        command::capture(&mut self.0).map(drop)
    }
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::file("read", path))
}

/// `frontend-0123456789abcdef` of `/frontend-0123456789abcdef.js`.
fn stem_of_trunk(html: &str) -> Option<&str> {
    let start = html.find("/frontend-")? + 1;
    let length = html[start..].find('.')?;
    Some(&html[start..start + length])
}

/// The bindings with the splitter's script under its name with the hash. Only where it is loaded: the
/// module of WebAssembly asks for what is in it by the name that it had.
fn with_script_of_parts(bindings: &str, hash: &str) -> String {
    bindings.replace(
        "from \"./__wasm_split.js\"",
        &format!("from \"./parts-{hash}.js\""),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_page_needs_is_in_one_container_and_all_else_in_the_one_of_each_part() {
        let link = LinkScript::parse(
            "export const __wasm_split_load_a = f(\"./split_a.wasm\", [__chunk_1, __chunk_2]);\n\
             export const __wasm_split_load_b = f(\"./split_b.wasm\", [__chunk_1, __chunk_2]);\n\
             export const __wasm_split_load_c = f(() => ({}), [__chunk_1]);\n\
             export const __wasm_split_load_d_in_a = f(() => ({}), [__chunk_2, __chunk_3]);\n\
             export const __wasm_split_load_e_in_every_page = f(() => ({}), [__chunk_2]);\n",
        );
        let containers = Containers::of(&link).unwrap();
        let listed = |stem: &str| {
            let files = &containers.files[stem];
            files.iter().cloned().collect::<Vec<_>>()
        };
        assert_eq!(listed("shared"), ["chunk_1.wasm"]);
        assert_eq!(listed("split_a"), ["chunk_2.wasm", "split_a.wasm"]);
        assert_eq!(listed("split_b"), ["chunk_2.wasm", "split_b.wasm"]);
        assert_eq!(listed("split_d_in_a"), ["chunk_3.wasm"]);
        assert_eq!(listed("split_e_in_every_page"), ["chunk_2.wasm"]);
        assert_eq!(containers.files.len(), 5);
        assert_eq!(containers.of_parts["a"], ["shared", "split_a"]);
        assert_eq!(containers.of_parts["c"], ["shared"]);
    }

    #[test]
    fn the_script_of_the_parts_is_loaded_by_its_new_name_and_given_to_the_module_by_the_old() {
        let bindings = "import * as import6 from \"./__wasm_split.js\"\n\
             return { \"./__wasm_split.js\": import6 };";
        assert_eq!(
            with_script_of_parts(bindings, "00"),
            "import * as import6 from \"./parts-00.js\"\n\
             return { \"./__wasm_split.js\": import6 };"
        );
    }

    #[test]
    fn what_trunk_built_is_found_in_the_document() {
        let html = "import init from '/frontend-cc3a363a7a9e2619.js'; x('/frontend-cc3a363a7a9e2619_bg.wasm')";
        assert_eq!(stem_of_trunk(html), Some("frontend-cc3a363a7a9e2619"));
        assert_eq!(stem_of_trunk("nothing"), None);
    }
}
