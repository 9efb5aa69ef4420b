//! Where toolchains are fetched from, and the archives that come from there.

use std::io::Write;
use std::path::Path;

use collector::toolchain::{Sources, install_component};

use crate::{assert_says_why, texts};

/// Sources that are accepted have distinct names, and templates that say what they were read from.
pub(crate) fn sources(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Sources::parse(text) {
        Ok(sources) => {
            let mut names: Vec<&str> = Vec::new();
            for source in &sources.sources {
                assert!(!names.contains(&source.name.as_str()));
                names.push(&source.name);
                assert_eq!(source.url.to_string().parse().as_ref(), Ok(&source.url));
            }
        }
        Err(refusal) => assert_says_why(&refusal),
    }
}

pub(crate) fn sources_seeds() -> Vec<Vec<u8>> {
    texts([
        "format = \"1.0\"\n\n[[source]]\nname = \"our-ci\"\nbuilds = \"commits\"\nurl = \"https://builds.example.org/{sha}/{component}-nightly-{target}.tar.xz\"\nchecksum = \"beside\"\ncomponents = [\"rustc\", \"rust-std\", \"cargo\"]\noptional_components = [\"clippy\"]\nstd_targets = [\"wasm32-unknown-unknown\"]\n\n[limits]\ntime_limit_s = 600\nattempts_max = 3\n",
        "format = \"1.1\"\n\n[[source]]\nname = \"releases\"\nbuilds = \"releases\"\nurl = \"http://localhost:8000/{component}-{version}-{target}.tar.gz\"\nchecksum = \"none\"\ncomponents = [\"rustc\", \"rust-std\"]\n\n[checksums.\"release-1.95.0\"]\nrustc = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n",
    ])
}

/// The bytes as an archive of each compression, and as the inside of one: nothing is written outside
/// of the two folders, and no link is made.
pub(crate) fn archive(bytes: &[u8]) {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(bytes).unwrap();
    let compressed = encoder.finish().unwrap();
    for (name, content) in [
        ("a.tar.gz", compressed.as_slice()),
        ("a.tar.gz", bytes),
        ("a.tar.xz", bytes),
    ] {
        let outer = tempfile::tempdir().unwrap();
        let [staging, sysroot] = ["staging", "sysroot"].map(|name| outer.path().join(name));
        std::fs::create_dir(&staging).unwrap();
        std::fs::create_dir(&sysroot).unwrap();
        let archive = outer.path().join(name);
        std::fs::write(&archive, content).unwrap();
        if let Err(refusal) = install_component(&archive, &staging, &sysroot) {
            assert_says_why(&refusal);
        }
        let beside = std::fs::read_dir(outer.path()).unwrap().count();
        assert_eq!(beside, 3, "something was written beside the two folders");
        for folder in [&staging, &sysroot] {
            assert!(holds_only_files(folder), "a link could lead out");
        }
    }
}

fn holds_only_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().all(|entry| {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        kind.is_file() || (kind.is_dir() && holds_only_files(&entry.path()))
    })
}

pub(crate) fn archive_seeds() -> Vec<Vec<u8>> {
    let files = [
        ("top/rust-installer-version", "3\n"),
        ("top/components", "cargo\n"),
        ("top/cargo/manifest.in", "file:bin/cargo\ndir:lib\n"),
        ("top/cargo/bin/cargo", "#!/bin/sh\n"),
        ("top/cargo/lib/a", "a"),
    ];
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        builder
            .append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    let whole = builder.get_ref().clone();
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder
        .append_link(&mut link, "top/cargo/out", "../../..")
        .unwrap();
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(&whole).unwrap();
    vec![builder.into_inner().unwrap(), writer.finish().unwrap()]
}
