//! A suite of two tiny crates, so that a whole measurement takes seconds.

use std::path::{Path, PathBuf};

/// A suite in a folder of its own.
pub struct SmallSuite {
    /// The folder that holds `suite.toml`.
    pub root: PathBuf,
}

/// The benchmarks of the suite.
pub const BENCHMARKS: [&str; 2] = ["tiny-one", "tiny-two"];

impl SmallSuite {
    /// Writes the suite into `folder`.
    pub fn create(folder: &Path) -> Self {
        let mut manifest = "format = \"1.0\"\n".to_owned();
        for (name, category) in BENCHMARKS.iter().zip(["primary", "secondary"]) {
            manifest.push_str(&format!(
                "\n[[benchmark]]\nname = \"{name}\"\ncategory = \"{category}\"\n\
                 artifact = \"library\"\npath = \"stress/{name}\"\npatches = [\"println\"]\n"
            ));
            write_crate(folder, name);
        }
        std::fs::write(folder.join("suite.toml"), manifest).unwrap();
        Self {
            root: folder.to_owned(),
        }
    }

    /// Adds a benchmark that is linked to a program.
    pub fn add_program(&self, name: &str) {
        write_crate(&self.root, name);
        let source = self.root.join("stress").join(name).join("src");
        std::fs::remove_file(source.join("lib.rs")).unwrap();
        std::fs::remove_dir_all(self.root.join("patches").join(name)).unwrap();
        std::fs::write(
            source.join("main.rs"),
            "fn main() {\n    println!(\"{}\", std::env::args().count());\n}\n",
        )
        .unwrap();
        let file = self.root.join("suite.toml");
        let mut manifest = std::fs::read_to_string(&file).unwrap();
        manifest.push_str(&format!(
            "\n[[benchmark]]\nname = \"{name}\"\ncategory = \"secondary\"\n\
             artifact = \"binary\"\nbinary = \"{name}\"\npath = \"stress/{name}\"\n"
        ));
        std::fs::write(file, manifest).unwrap();
    }

    /// Makes one of the crates one that no compiler accepts.
    pub fn break_crate(&self, name: &str) {
        let source = self.root.join("stress").join(name).join("src/lib.rs");
        std::fs::write(source, "pub fn broken() -> u32 { \"no number\" }\n").unwrap();
    }
}

fn write_crate(folder: &Path, name: &str) {
    let root = folder.join("stress").join(name);
    std::fs::create_dir_all(root.join("src")).unwrap();
    std::fs::write(
        root.join("Cargo.toml"),
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n"
        ),
    )
    .unwrap();
    std::fs::write(
        root.join("Cargo.lock"),
        format!("version = 3\n\n[[package]]\nname = \"{name}\"\nversion = \"0.0.0\"\n"),
    )
    .unwrap();
    std::fs::write(
        root.join("src/lib.rs"),
        "pub fn sum(values: &[u64]) -> u64 {\n    values.iter().sum()\n}\n",
    )
    .unwrap();
    let patches = folder.join("patches").join(name);
    std::fs::create_dir_all(&patches).unwrap();
    std::fs::write(
        patches.join("println.patch"),
        "--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -1,3 +1,4 @@\n \
         pub fn sum(values: &[u64]) -> u64 {\n\
         +    println!(\"summing\");\n     values.iter().sum()\n }\n",
    )
    .unwrap();
}
