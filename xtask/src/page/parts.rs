//! Cutting the page's WebAssembly into parts: what is needed at once, what every page shares, and
//! what only some pages need.
//!
//! The splitter makes a chunk for each set of pages that something is used by, and there are many
//! sets. So the chunks that every page uses or that are small go into one file, as custom sections of
//! an otherwise empty module: one request, and it compresses better than its pieces.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::link_script::LinkScript;
use crate::command;
use crate::error::Error;

/// A chunk below this is not worth a request of its own.
const OWN_FILE_BYTES_MIN: u64 = 16_000;

/// What rustc may use of WebAssembly. It is named since the module, once stripped, does not tell.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

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
        let module = format!("{main}_bg.wasm");
        self.optimise(&bound.join(&module), &self.dist.join(&module))?;

        let script = read(&cut.join("__wasm_split.js"))?;
        let link = LinkScript::parse(&script);
        let shared = self.place(&cut, &link)?;
        self.write_shared(&shared)?;
        let hashed = format!("{}\n{script}", self.fetching(&shared));
        self.write(&format!("parts-{}.js", self.hash), hashed.as_bytes())?;
        let bindings = read(&bound.join(format!("{main}.js")))?;
        let bindings = with_script_of_parts(&bindings, self.hash);
        self.write(&format!("{main}.js"), bindings.as_bytes())?;
        self.name_parts_in_document(&main)
    }

    /// Puts the files of pages beside the page, and returns the chunks that go into one file.
    fn place(&self, cut: &Path, link: &LinkScript) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut shared = Vec::new();
        for file in link.files() {
            let optimised = self.work.join(&file);
            self.optimise(&cut.join(&file), &optimised)?;
            let bytes = std::fs::read(&optimised).map_err(Error::file("read", &optimised))?;
            let is_small = (bytes.len() as u64) < OWN_FILE_BYTES_MIN;
            if link.is_of_every_page(&file) || (is_small && file.starts_with("chunk_")) {
                shared.push((file, bytes));
            } else {
                let stem = file.trim_end_matches(".wasm");
                self.write(&format!("{stem}-{}.wasm", self.hash), &bytes)?;
            }
        }
        Ok(shared)
    }

    fn write_shared(&self, shared: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let mut module = EMPTY_MODULE.to_vec();
        for (name, bytes) in shared {
            module.extend(custom_section(name, bytes));
        }
        self.write(&format!("shared-{}.wasm", self.hash), &module)
    }

    /// Stands before the splitter's script, whose calls of `fetch` it answers: with what lies in the
    /// shared file, or with the file whose name has the hash.
    fn fetching(&self, shared: &[(String, Vec<u8>)]) -> String {
        let names: Vec<String> = shared
            .iter()
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        include_str!("fetching.js")
            .replace("SHARED_NAMES", &names.join(", "))
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

    fn optimise(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.tool("wasm-opt")
            .args(["-Oz", "--strip-debug", "--strip-producers", "--quiet"])
            .args(FEATURES)
            .arg(from)
            .arg("-o")
            .arg(to)
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
