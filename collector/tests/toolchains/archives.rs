//! Archives in the layout of rust-installer: of an installed toolchain, and made up.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use collector::toolchain::Toolchain;
use tar::{Builder, EntryType, Header};

/// The target triple of this host.
pub(crate) fn host() -> String {
    collector::host::facts().target
}

/// A made-up archive.
pub(crate) struct MadeUp {
    tar: Builder<Vec<u8>>,
}

impl MadeUp {
    /// An archive of one component with these files, each with whether it is a program.
    pub(crate) fn component(name: &str, files: &[(&str, &[u8], bool)]) -> Self {
        let manifest: String = files
            .iter()
            .map(|(path, ..)| format!("file:{path}\n"))
            .collect();
        let mut archive = Self::with_manifest(name, &manifest);
        for (path, content, is_program) in files {
            let mode = if *is_program { 0o755 } else { 0o644 };
            archive.file(&format!("top/{name}/{path}"), content, mode);
        }
        archive
    }

    /// An archive of one component with this manifest and nothing else yet.
    pub(crate) fn with_manifest(name: &str, manifest: &str) -> Self {
        let mut archive = Self {
            tar: Builder::new(Vec::new()),
        };
        archive.entry("top/", EntryType::Directory, "", (&[], 0o755));
        archive.file("top/rust-installer-version", b"3\n", 0o644);
        archive.file("top/components", format!("{name}\n").as_bytes(), 0o644);
        archive.file(
            &format!("top/{name}/manifest.in"),
            manifest.as_bytes(),
            0o644,
        );
        archive
    }

    pub(crate) fn file(&mut self, path: &str, content: &[u8], mode: u32) {
        self.entry(path, EntryType::Regular, "", (content, mode));
    }

    /// Adds an entry as it is, which the library itself would refuse to write.
    pub(crate) fn entry(
        &mut self,
        path: &str,
        kind: EntryType,
        link: &str,
        (content, mode): (&[u8], u32),
    ) {
        let mut header = Header::new_gnu();
        let fields = header.as_gnu_mut().unwrap();
        fields.name[..path.len()].copy_from_slice(path.as_bytes());
        fields.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.tar.append(&header, content).unwrap();
    }

    pub(crate) fn tar(self) -> Vec<u8> {
        self.tar.into_inner().unwrap()
    }

    pub(crate) fn gzip(self) -> Vec<u8> {
        gzip(&self.tar())
    }

    pub(crate) fn xz(self) -> Vec<u8> {
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        writer.write_all(&self.tar()).unwrap();
        writer.finish().unwrap()
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A rustc that says that it was built from `sha`.
pub(crate) fn rustc_script(sha: &str) -> String {
    format!(
        "#!/bin/sh\ncase \"$*\" in\n\
         *sysroot*) cd \"$(dirname \"$0\")/..\" && pwd ;;\n\
         *) cat <<END\n\
         rustc 1.99.0-nightly ({} 2026-05-19)\nbinary: rustc\ncommit-hash: {sha}\n\
         commit-date: 2026-05-19\nhost: {}\nrelease: 1.99.0-nightly\nLLVM version: 22.1.4\n\
         END\n;; esac\n",
        &sha[..9],
        host()
    )
}

/// A made-up rustc of a commit. `filler` makes its archive as large as a test wants it.
pub(crate) fn rustc(sha: &str, filler: &[u8]) -> MadeUp {
    let script = rustc_script(sha);
    MadeUp::component(
        "rustc",
        &[
            ("bin/rustc", script.as_bytes(), true),
            ("lib/filler", filler, false),
        ],
    )
}

/// A made-up standard library.
pub(crate) fn rust_std() -> MadeUp {
    let library = format!("lib/rustlib/{}/lib/libstd-1.rlib", host());
    MadeUp::component(
        &format!("rust-std-{}", host()),
        &[(library.as_str(), b"library", false)],
    )
}

/// A made-up cargo.
pub(crate) fn cargo() -> MadeUp {
    MadeUp::component("cargo", &[("bin/cargo", b"#!/bin/sh\n", true)])
}

/// Bytes that no compression makes smaller, the same each time.
pub(crate) fn incompressible(length: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// Archives of an installed toolchain: rustc, rust-std and cargo, named as they are served.
pub(crate) fn of_installed(toolchain: &Toolchain, folder: &Path) -> Vec<(String, Vec<u8>)> {
    let sysroot = toolchain.rustc.parent().unwrap().parent().unwrap();
    let host = &toolchain.host;
    let mut rustc = vec![
        ("file", "bin/rustc".to_owned()),
        ("dir", format!("lib/rustlib/{host}/bin")),
    ];
    for entry in std::fs::read_dir(sysroot.join("lib")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            let name = entry.file_name().into_string().unwrap();
            rustc.push(("file", format!("lib/{name}")));
        }
    }
    let rust_std = vec![("dir", format!("lib/rustlib/{host}/lib"))];
    let components = [
        ("rustc", "rustc".to_owned(), rustc),
        ("rust-std", format!("rust-std-{host}"), rust_std),
        (
            "cargo",
            "cargo".to_owned(),
            vec![("file", "bin/cargo".to_owned())],
        ),
    ];
    components
        .into_iter()
        .map(|(component, inner, parts)| {
            let name = format!("{component}-nightly-{host}");
            let top = folder.join(&name);
            lay_out(&top, &inner, &parts, sysroot);
            (format!("{name}.tar.gz"), packed(folder, &name))
        })
        .collect()
}

/// Lays a component out, with links in place of its files.
fn lay_out(top: &Path, component: &str, parts: &[(&str, String)], sysroot: &Path) {
    let root = top.join(component);
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(top.join("rust-installer-version"), "3\n").unwrap();
    std::fs::write(top.join("components"), format!("{component}\n")).unwrap();
    let mut manifest = String::new();
    for (kind, path) in parts {
        let to = root.join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        symlink(sysroot.join(path), to).unwrap();
        manifest.push_str(&format!("{kind}:{path}\n"));
    }
    std::fs::write(root.join("manifest.in"), manifest).unwrap();
}

/// An archive with the links followed. The system's programs are faster at it than a test.
fn packed(folder: &Path, name: &str) -> Vec<u8> {
    let archive = folder.join("archive.tar.gz");
    let status = Command::new("tar")
        .args(["--create", "--dereference", "--hard-dereference"])
        .args(["--use-compress-program", "gzip -1", "--file"])
        .arg(&archive)
        .arg("--directory")
        .arg(folder)
        .arg(name)
        .status()
        .unwrap();
    assert!(status.success());
    let bytes = std::fs::read(&archive).unwrap();
    std::fs::remove_file(archive).unwrap();
    bytes
}
