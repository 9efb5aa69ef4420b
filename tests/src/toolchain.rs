//! Compilers to measure: the real one of this machine, and ones with a planted fault.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A toolchain that a test measures.
pub struct Toolchain {
    /// The folder that holds `bin/rustc`.
    pub root: PathBuf,
    /// The name of its artifact.
    pub artifact: String,
}

impl Toolchain {
    /// The one that runs these tests.
    pub fn active() -> Self {
        let root = said(Command::new("rustc").args(["--print", "sysroot"]));
        Self::in_folder(Path::new(root.trim()))
    }

    /// The one in a folder.
    pub(crate) fn in_folder(root: &Path) -> Self {
        let version = said(Command::new(root.join("bin/rustc")).arg("-vV"));
        let fact = |name: &str| {
            version
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_else(|| panic!("no `{name}` in {version}"))
                .trim()
                .to_owned()
        };
        let commit = fact("commit-hash:");
        Self {
            root: root.to_owned(),
            artifact: format!("local-{}-{}", fact("release:"), &commit[..9]),
        }
    }

    /// A toolchain in `folder` whose compiler is a script: it runs the shell lines `fault` when it
    /// is to compile `crate_name`, says that it was built from `commit_sha`, and passes everything
    /// else on to the active one.
    pub fn with_fault(folder: &Path, crate_name: &str, commit_sha: &str, fault: &str) -> Self {
        let real = Self::active();
        let bin = folder.join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::os::unix::fs::symlink(real.root.join("lib"), folder.join("lib")).unwrap();
        for tool in ["cargo", "rustdoc"] {
            std::os::unix::fs::symlink(real.root.join("bin").join(tool), bin.join(tool)).unwrap();
        }
        let rustc = real.root.join("bin/rustc");
        let script = format!(
            "#!/bin/sh\n\
             case \" $* \" in\n\
             *' -vV '*|*' --version --verbose '*)\n\
             '{rustc}' -vV | sed 's/^commit-hash: .*/commit-hash: {commit_sha}/'\nexit ;;\n\
             *' --crate-name {crate_name} '*)\n{fault}\n;;\n\
             esac\n\
             exec '{rustc}' \"$@\"\n",
            rustc = rustc.display()
        );
        let path = bin.join("rustc");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        Self::in_folder(folder)
    }

    /// The argument that tells a collector where this toolchain is.
    pub fn argument(&self) -> String {
        format!("--toolchain={}={}", self.artifact, self.root.display())
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?} failed");
    String::from_utf8(output.stdout).unwrap()
}
