//! The files of a suite, and the crates that it names.

use std::path::Path;

use collector::suite::{Patch, apply_patch, names_in_manifest, prepared_manifest, unpack};

use crate::{assert_says_why, texts};

/// A manifest names each benchmark once.
pub(crate) fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match names_in_manifest(text) {
        Ok(mut names) => {
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count);
        }
        Err(refusal) => assert_says_why(&refusal),
    }
}

pub(crate) fn manifest_seeds() -> Vec<Vec<u8>> {
    texts([
        "format = \"1.0\"\n\n[[benchmark]]\nname = \"bitflags-2.13.2\"\ncategory = \"primary\"\nartifact = \"library\"\nregistry.name = \"bitflags\"\nregistry.version = \"2.13.2\"\nregistry.sha256 = \"3ded4057c258ba199e2d26386d3af3780957ecaee6c4ef4041c6b4b8b97c0b06\"\npatches = [\"black-box\"]\nquick = true\n",
        "format = \"1.1\"\n\n[[benchmark]]\nname = \"many-modules\"\ncategory = \"secondary\"\nartifact = \"binary\"\nbinary = \"many\"\npath = \"stress/many-modules\"\nnew-key = 1\nexcluded = [{ profile = \"doc\", scenario = \"incr-patched\", reason = \"slow\" }]\n",
    ])
}

/// A prepared manifest can be read, is a workspace of its own, and needs no second preparation.
pub(crate) fn crate_manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match prepared_manifest(text) {
        Ok(prepared) => {
            assert!(prepared.contains("[workspace]"));
            assert_eq!(prepared_manifest(&prepared), Ok(prepared));
        }
        Err(refusal) => assert_says_why(&refusal),
    }
}

pub(crate) fn crate_manifest_seeds() -> Vec<Vec<u8>> {
    texts([
        "[package]\nname = \"example\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[features]\nstd = [\"kept/std\", \"optional?/std\", \"only-for-tests/std\"]\n\n[dependencies.kept]\nversion = \"1\"\n\n[dev-dependencies.only-for-tests]\nversion = \"1\"\n\n[target.\"cfg(unix)\".dev-dependencies.another]\nversion = \"1\"\n\n[profile.release]\nlto = true\n",
    ])
}

/// The bytes as the inside of a compressed archive: nothing is written outside of its folder.
pub(crate) fn crate_archive(bytes: &[u8]) {
    use std::io::Write;
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("crate");
    std::fs::create_dir(&folder).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(bytes).unwrap();
    let compressed = encoder.finish().unwrap();
    for archive in [bytes, &compressed] {
        if let Err(refusal) = unpack(archive, "example-1.0.0", &folder) {
            assert_says_why(&refusal);
        }
    }
    let beside = std::fs::read_dir(outer.path()).unwrap().count();
    assert_eq!(beside, 1, "something was written beside the crate");
    assert!(!holds_link(&folder), "a link could lead out of the crate");
}

fn holds_link(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        kind.is_symlink() || (kind.is_dir() && holds_link(&entry.path()))
    })
}

pub(crate) fn crate_archive_seeds() -> Vec<Vec<u8>> {
    let files = ["example-1.0.0/Cargo.toml", "example-1.0.0/src/lib.rs"];
    let mut builder = tar::Builder::new(Vec::new());
    for path in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, &b"x\n"[..]).unwrap();
    }
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder
        .append_link(&mut link, "example-1.0.0/src/out", "../../..")
        .unwrap();
    vec![builder.into_inner().unwrap()]
}

/// A patch changes files of its crate, or nothing at all where it does not fit.
pub(crate) fn patch(bytes: &[u8]) {
    const BEFORE: &str = "pub fn one() -> u32 {\n    1\n}\n";
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("crate");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let file = folder.join("src/lib.rs");
    std::fs::write(&file, BEFORE).unwrap();
    let patch = Patch {
        name: "println".parse().unwrap(),
        text: text.to_owned(),
    };
    let applied = apply_patch(&patch, &folder);
    let after = std::fs::read_to_string(&file).unwrap();
    match applied {
        Ok(()) => assert_ne!(after, BEFORE),
        Err(refusal) => {
            assert_says_why(&refusal);
            assert_eq!(after, BEFORE);
        }
    }
    assert_eq!(std::fs::read_dir(outer.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read_dir(folder.join("src")).unwrap().count(), 1);
}

pub(crate) fn patch_seeds() -> Vec<Vec<u8>> {
    texts([
        "--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -1,3 +1,4 @@\n pub fn one() -> u32 {\n+    println!();\n     1\n }\n",
        "--- a/src/lib.rs\n+++ b/../lib.rs\n@@ -1 +1 @@\n-pub fn one() -> u32 {\n+pub fn two() -> u32 {\n",
        "--- /dev/null\n+++ b/src/new.rs\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n",
    ])
}
