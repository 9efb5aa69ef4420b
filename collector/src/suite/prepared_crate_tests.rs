use super::*;

const PUBLISHED: &str = r#"
[package]
name = "example"
version = "1.0.0"
edition = "2024"

[features]
default = ["std"]
std = ["kept/std", "optional?/std", "only-for-tests/std"]
test = ["only-for-tests/all", "dep:optional"]

[dependencies.kept]
version = "1"

[dependencies.optional]
version = "1"
optional = true

[dev-dependencies.only-for-tests]
version = "1"

[target."cfg(unix)".dev-dependencies.another]
version = "1"

[target."cfg(unix)".dependencies.on-unix]
version = "1"

[profile.release]
lto = true
"#;

/// An archive of the given files and contents.
fn archive(files: &[(&str, &str)]) -> VerifiedArchive {
    let zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(zipped);
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        // Set by hand, since the library refuses to write paths that leave the folder.
        header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    let content = builder.into_inner().unwrap().finish().unwrap();
    VerifiedArchive { content }
}

#[test]
fn a_published_manifest_loses_what_only_its_own_tests_and_releases_need() {
    insta::assert_snapshot!(prepared_manifest(PUBLISHED).unwrap());
}

#[test]
fn a_prepared_crate_has_its_sources_and_nothing_that_steers_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("example-1.0.0/Cargo.toml", PUBLISHED),
        ("example-1.0.0/Cargo.lock", "version = 4"),
        ("example-1.0.0/rust-toolchain.toml", "[toolchain]"),
        ("example-1.0.0/.cargo/config.toml", "[build]"),
        ("example-1.0.0/src/lib.rs", "pub fn one() {}"),
    ];
    prepare(&archive(&files), "example-1.0.0", folder.path()).unwrap();
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path));
    assert_eq!(read("src/lib.rs").unwrap(), "pub fn one() {}");
    assert!(read("Cargo.toml").unwrap().contains("[workspace]"));
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["Cargo.toml", "src"]);
}

#[test]
fn an_archive_cannot_write_outside_its_folder() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("tree");
    std::fs::create_dir(&folder).unwrap();
    for path in ["other-1.0.0/lib.rs", "../escape", "/escape"] {
        let error = prepare(&archive(&[(path, "x")]), "example-1.0.0", &folder).unwrap_err();
        assert!(error.to_string().contains("lies outside"), "{error}");
    }
    let files = [
        ("example-1.0.0/src/../../escape", "x"),
        ("example-1.0.0/Cargo.toml", PUBLISHED),
    ];
    prepare(&archive(&files), "example-1.0.0", &folder).unwrap();
    assert!(!outer.path().join("escape").exists());
    assert!(!folder.join("escape").exists());
}

#[test]
fn what_is_no_archive_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let broken = VerifiedArchive {
        content: b"not a crate".to_vec(),
    };
    let error = prepare(&broken, "example-1.0.0", folder.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("crate example-1.0.0 cannot be unpacked"),
        "{error}"
    );
}
