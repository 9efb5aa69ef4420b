//! Cutting the page's WebAssembly into parts: what is needed at once, what every page shares, and
//! what only some pages need.
//!
//! The splitter makes a chunk for each set of pages that something is used by, and there are many
//! sets. So what is small goes into containers, as custom sections of an otherwise empty module: what
//! every page uses into one, and what only some use into the one of each of these pages, with its
//! part. That is one request instead of hundreds, it compresses better than its pieces, and no page
//! loads what it does not use; a small chunk is loaded again with another page that uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::link_script::LinkScript;
use crate::command;
use crate::error::Error;

/// A chunk below this is not worth a request of its own.
const OWN_FILE_BYTES_MIN: u64 = 16_000;

/// The beginning of every module of WebAssembly: its mark and version 1.
const EMPTY_MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

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
        self.tool("wasm-split-cli")
            .arg(self.compiled)
            .arg(&cut)
            .args(["--out-name", &main])
            .run()?;
        self.tool("wasm-bindgen")
            .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
            .args(["--out-name", &main, "--out-dir"])
            .arg(&bound)
            .arg(cut.join(format!("{main}.wasm")))
            .run()?;
        let script = read(&cut.join("__wasm_split.js"))?;
        let link = LinkScript::parse(&script);
        let module = format!("{main}_bg.wasm");
        let mut modules = vec![(bound.join(&module), self.dist.join(&module))];
        let optimised = |file: &str| self.work.join(file);
        modules.extend(
            link.files()
                .iter()
                .map(|file| (cut.join(file), optimised(file))),
        );
        self.optimise(&modules)?;

        let places = self.place(&link)?;
        let hashed = format!("{}\n{script}", self.fetching(&places));
        self.write(&format!("parts-{}.js", self.hash), hashed.as_bytes())?;
        let bindings = read(&bound.join(format!("{main}.js")))?;
        let bindings = with_script_of_parts(&bindings, self.hash);
        self.write(&format!("{main}.js"), bindings.as_bytes())?;
        self.name_parts_in_document(&main)
    }

    /// Writes the optimised files beside the page: alone, or in containers.
    fn place(&self, link: &LinkScript) -> Result<Places, Error> {
        let mut sizes = BTreeMap::new();
        for file in link.files() {
            let path = self.work.join(&file);
            let size = std::fs::metadata(&path)
                .map_err(Error::file("read", &path))?
                .len();
            sizes.insert(file, size);
        }
        let places = Places::of(link, &sizes);
        self.write_container("shared", &places.shared)?;
        for (page, files) in &places.of_pages {
            self.write_container(&format!("split_{page}"), files)?;
        }
        for file in &places.alone {
            let stem = file.trim_end_matches(".wasm");
            self.write(
                &format!("{stem}-{}.wasm", self.hash),
                &self.optimised(file)?,
            )?;
        }
        Ok(places)
    }

    fn optimised(&self, file: &str) -> Result<Vec<u8>, Error> {
        let path = self.work.join(file);
        std::fs::read(&path).map_err(Error::file("read", &path))
    }

    fn write_container(&self, stem: &str, files: &BTreeSet<String>) -> Result<(), Error> {
        let mut module = EMPTY_MODULE.to_vec();
        for file in files {
            module.extend(custom_section(file, &self.optimised(file)?));
        }
        self.write(&format!("{stem}-{}.wasm", self.hash), &module)
    }

    /// Stands before the splitter's script, whose calls of `fetch` it answers.
    fn fetching(&self, places: &Places) -> String {
        let listed = |files: &BTreeSet<String>| -> String {
            let names: Vec<String> = files.iter().map(|file| format!("\"{file}\"")).collect();
            names.join(", ")
        };
        include_str!("fetching.js")
            .replace("SHARED_NAMES", &listed(&places.shared))
            .replace("ALONE_NAMES", &listed(&places.alone))
            .replace("HASH", self.hash)
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

    /// Makes modules as small as can be, each from where and to where it is.
    fn optimise(&self, modules: &[(PathBuf, PathBuf)]) -> Result<(), Error> {
        let list = self.work.join("modules.json");
        let text = serde_json::to_string(modules).map_err(|error| Error::NotUnderstood {
            what: list.display().to_string(),
            reason: error.to_string(),
        })?;
        std::fs::write(&list, text).map_err(Error::file("write", &list))?;
        let mut beside_programs = self
            .path_folders
            .iter()
            .map(|folder| folder.with_file_name("binaryen"));
        let library = beside_programs
            .find(|folder| folder.is_dir())
            .ok_or_else(|| Error::Missing {
                what: "binaryen, beside the page's other tools of npm".into(),
                remedy: "run `cargo xtask setup page`".into(),
            })?
            .join("index.js");
        self.tool("node")
            .args(["--input-type=module", "-e", include_str!("optimise.js")])
            .arg(library)
            .arg(list)
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

/// Which file goes where.
#[derive(Debug, Default, PartialEq, Eq)]
struct Places {
    /// Into the container of all pages.
    shared: BTreeSet<String>,
    /// Into the container of each page.
    of_pages: BTreeMap<String, BTreeSet<String>>,
    /// Chunks of some pages that are large enough for a file of their own.
    alone: BTreeSet<String>,
}

impl Places {
    /// Where files go by who needs them, and by their sizes in bytes.
    fn of(link: &LinkScript, sizes: &BTreeMap<String, u64>) -> Self {
        let own_part = |page: &str| format!("split_{page}.wasm");
        let mut places = Self::default();
        for (file, size) in sizes {
            let pages: Vec<&String> = link
                .pages()
                .iter()
                .filter(|(_, files)| files.contains(file))
                .map(|(page, _)| page)
                .collect();
            // A page without a part of its own has no container.
            let has_containers = pages
                .iter()
                .all(|page| link.pages()[*page].contains(&own_part(page)));
            let is_part = file.starts_with("split_");
            if !is_part && (link.is_of_every_page(file) || !has_containers) {
                places.shared.insert(file.clone());
            } else if !is_part && pages.len() > 1 && *size >= OWN_FILE_BYTES_MIN {
                places.alone.insert(file.clone());
            } else {
                for page in pages {
                    let container = places.of_pages.entry(page.clone()).or_default();
                    container.insert(file.clone());
                }
            }
        }
        places
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

/// A part of a module that browsers keep and hand out by its name.
fn custom_section(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut content = length(name.len());
    content.extend(name.as_bytes());
    content.extend(bytes);
    let mut section = vec![0];
    section.extend(length(content.len()));
    section.extend(content);
    section
}

/// A length as WebAssembly writes it: seven bits a byte, the lowest first (LEB128).
fn length(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_chunks_go_with_the_parts_of_the_pages_that_need_them_and_large_ones_alone() {
        let link = LinkScript::parse(
            "export const __wasm_split_load_a = f(\"./split_a.wasm\", [__chunk_1, __chunk_2, __chunk_3, __chunk_4]);\n\
             export const __wasm_split_load_b = f(\"./split_b.wasm\", [__chunk_1, __chunk_2, __chunk_3]);\n\
             export const __wasm_split_load_c = f(() => ({}), [__chunk_1, __chunk_5]);\n",
        );
        let large = OWN_FILE_BYTES_MIN;
        let sizes: BTreeMap<String, u64> = [
            ("chunk_1", large),
            ("chunk_2", 10),
            ("chunk_3", large),
            ("chunk_4", large),
            ("chunk_5", 10),
            ("split_a", large),
            ("split_b", 10),
        ]
        .map(|(stem, size)| (format!("{stem}.wasm"), size))
        .into();
        let places = Places::of(&link, &sizes);
        let listed = |files: &BTreeSet<String>| files.iter().cloned().collect::<Vec<_>>();
        assert_eq!(listed(&places.shared), ["chunk_1.wasm", "chunk_5.wasm"]);
        assert_eq!(listed(&places.alone), ["chunk_3.wasm"]);
        assert_eq!(
            listed(&places.of_pages["a"]),
            ["chunk_2.wasm", "chunk_4.wasm", "split_a.wasm"]
        );
        assert_eq!(
            listed(&places.of_pages["b"]),
            ["chunk_2.wasm", "split_b.wasm"]
        );
        assert_eq!(places.of_pages.len(), 2);
    }

    #[test]
    fn a_length_has_seven_bits_a_byte() {
        assert_eq!(length(0), [0]);
        assert_eq!(length(127), [0x7f]);
        assert_eq!(length(128), [0x80, 1]);
        assert_eq!(length(624_485), [0xe5, 0x8e, 0x26]);
    }

    #[test]
    fn a_section_says_how_long_it_is_and_what_it_is_called() {
        assert_eq!(custom_section("ab", &[7, 8]), [0, 5, 2, b'a', b'b', 7, 8]);
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
