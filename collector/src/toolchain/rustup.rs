//! What rustup has installed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::execution::Sandbox;

/// The folders of rustup and cargo.
#[derive(Debug, Clone)]
pub struct Rustup {
    /// rustup's folder, with its toolchains.
    home: PathBuf,
    /// Cargo's folder, with the proxies and the crates of the registry.
    cargo_home: PathBuf,
    /// What its compilers are asked in.
    sandbox: Option<Sandbox>,
}

impl Rustup {
    /// The folders that these variables name: `RUSTUP_HOME`, `CARGO_HOME`, else those under `HOME`.
    pub fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let home = PathBuf::from(variable("HOME").unwrap_or_else(|| ".".into()));
        let folder = |name: &str, default: &str| match variable(name) {
            Some(folder) if !folder.is_empty() => PathBuf::from(folder),
            _ => home.join(default),
        };
        Self {
            home: folder("RUSTUP_HOME", ".rustup"),
            cargo_home: folder("CARGO_HOME", ".cargo"),
            sandbox: None,
        }
    }

    /// The same, where compilers are asked what they are in a sandbox, since they may be anybody's.
    #[must_use]
    pub fn asking_in(self, sandbox: &Sandbox) -> Self {
        Self {
            sandbox: Some(sandbox.clone()),
            ..self
        }
    }

    /// What compilers are asked in, where something confines there.
    pub(super) fn confining(&self) -> Option<&Sandbox> {
        let sandbox = self.sandbox.as_ref()?;
        sandbox.limits_in_force().map(|_| sandbox)
    }

    /// Cargo's folder.
    pub fn cargo_home(&self) -> &Path {
        &self.cargo_home
    }

    /// The names of all toolchains, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.join("toolchains"))
            .into_iter()
            .flatten();
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().join("bin/rustc").exists())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// The folder of a toolchain, by its full name or by the name without the host
    /// (`nightly` for `nightly-x86_64-unknown-linux-gnu`).
    pub(super) fn folder_of(&self, name: &str) -> Option<PathBuf> {
        let names = self.names();
        let is_host = |rest: &str| rest.starts_with('-') && rest.split('-').count() >= 4;
        let found = names.iter().find(|known| *known == name).or_else(|| {
            let mut fitting = names
                .iter()
                .filter(|known| known.strip_prefix(name).is_some_and(is_host));
            match (fitting.next(), fitting.next()) {
                (Some(found), None) => Some(found),
                _ => None,
            }
        })?;
        Some(self.home.join("toolchains").join(found))
    }

    /// Whether a path is one of rustup's proxies, which choose a toolchain by the folder they are
    /// called in.
    pub(super) fn is_proxy(&self, rustc: &Path) -> bool {
        let folder = rustc.parent().and_then(|folder| folder.canonicalize().ok());
        let is_linked = rustc
            .canonicalize()
            .is_ok_and(|path| path.file_name().is_some_and(|name| name == "rustup"));
        let proxies = self.cargo_home.join("bin").canonicalize().ok();
        is_linked || (folder.is_some() && folder == proxies)
    }

    /// The cargo of some toolchain.
    pub(crate) fn any_cargo(&self) -> Option<PathBuf> {
        let paths = self
            .names()
            .into_iter()
            .map(|name| self.home.join("toolchains").join(name).join("bin/cargo"));
        paths.into_iter().find(|path| path.is_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_toolchains(names: &[&str]) -> (tempfile::TempDir, Rustup) {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let bin = folder.path().join("toolchains").join(name).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join("rustc"), "").unwrap();
        }
        let home = OsString::from(folder.path());
        let rustup = Rustup::from_environment(|name| (name == "RUSTUP_HOME").then(|| home.clone()));
        (folder, rustup)
    }

    #[test]
    fn a_toolchain_is_found_with_and_without_its_host() {
        let full = "nightly-x86_64-unknown-linux-gnu";
        let (_folder, rustup) = with_toolchains(&[full, "mine"]);
        assert!(rustup.folder_of("nightly").unwrap().ends_with(full));
        assert!(rustup.folder_of(full).unwrap().ends_with(full));
        assert!(rustup.folder_of("mine").unwrap().ends_with("mine"));
    }

    #[test]
    fn a_name_that_fits_two_toolchains_or_a_part_of_one_is_not_found() {
        let (_folder, rustup) = with_toolchains(&[
            "1.95.0-x86_64-unknown-linux-gnu",
            "nightly-aarch64-unknown-linux-gnu",
            "nightly-x86_64-unknown-linux-gnu",
        ]);
        assert_eq!(rustup.folder_of("nightly"), None);
        assert_eq!(rustup.folder_of("1.95"), None);
    }
}
