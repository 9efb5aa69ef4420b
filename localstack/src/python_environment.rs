//! Python programs in the project's cache folder.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::LocalAwsError;

/// Those that are looked for on PATH. What is new comes last: not every package has it yet.
const PYTHON_NAMES: [&str; 6] = [
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.14",
];

/// A virtual environment that holds just what it is told to hold.
#[derive(Debug)]
pub(crate) struct PythonEnvironment {
    folder: PathBuf,
}

/// What goes into a virtual environment.
#[derive(Debug)]
pub(crate) struct Requirements<'a> {
    /// The folder's name begins with it: what matters, and its version.
    pub(crate) name: &'a str,
    /// The lowest minor version of Python 3 that will do.
    pub(crate) python_minor_min: u32,
    /// All packages with their exact versions, as pip reads them.
    pub(crate) pinned: &'a str,
    /// Files of a package of our own, by their paths, to be installed after the others.
    pub(crate) own_package: &'a [(&'a str, &'a str)],
}

impl PythonEnvironment {
    /// Installs it, unless it is there as it should be. Needs the Python package registry.
    pub(crate) fn ensure(cache: &Path, wanted: &Requirements) -> Result<Self, LocalAwsError> {
        let environment = Self {
            folder: cache.join(folder_name(wanted)),
        };
        if environment.is_complete() {
            return Ok(environment);
        }
        std::fs::create_dir_all(cache).map_err(LocalAwsError::file("create", cache))?;
        // Tests run as processes of their own and may all find it missing at once.
        let lock_path = cache.join(format!("{}.lock", wanted.name));
        let lock = File::create(&lock_path).map_err(LocalAwsError::file("create", &lock_path))?;
        lock.lock()
            .map_err(LocalAwsError::file("lock", &lock_path))?;
        if !environment.is_complete() {
            environment.install(wanted)?;
        }
        Ok(environment)
    }

    /// A program or script of it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// A file of the package of our own.
    pub(crate) fn own_file(&self, path: &str) -> PathBuf {
        self.folder.join("own").join(path)
    }

    fn install(&self, wanted: &Requirements) -> Result<(), LocalAwsError> {
        let python = find_python(wanted.python_minor_min)?;
        run(Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&self.folder))?;
        write(&self.folder.join("requirements.txt"), wanted.pinned)?;
        run(self
            .pip_install()
            .arg("--requirement")
            .arg(self.folder.join("requirements.txt")))?;
        for (path, text) in wanted.own_package {
            write(&self.own_file(path), text)?;
        }
        if wanted
            .own_package
            .iter()
            .any(|(path, _)| *path == "pyproject.toml")
        {
            // With the setuptools that is there, or else pip would fetch one.
            run(self
                .pip_install()
                .arg("--no-build-isolation")
                .arg(self.folder.join("own")))?;
        }
        write(&self.completion_mark(), "")
    }

    /// What is not pinned is not installed.
    fn pip_install(&self) -> Command {
        let mut command = Command::new(self.program("python"));
        command.args(["-m", "pip", "install", "--quiet", "--no-deps"]);
        command.arg("--disable-pip-version-check");
        command
    }

    /// Written last, so that an installation that was cut short is done again.
    fn completion_mark(&self) -> PathBuf {
        self.folder.join("complete")
    }

    fn is_complete(&self) -> bool {
        self.completion_mark().is_file()
    }
}

/// Other contents are another folder, so that nothing is changed under those who use it. The hash
/// may differ in another version of Rust, in which case it is installed once more.
fn folder_name(wanted: &Requirements) -> String {
    let mut hasher = DefaultHasher::new();
    wanted.pinned.hash(&mut hasher);
    wanted.python_minor_min.hash(&mut hasher);
    wanted.own_package.hash(&mut hasher);
    format!("{}-{:016x}", wanted.name, hasher.finish())
}

fn write(path: &Path, text: &str) -> Result<(), LocalAwsError> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(LocalAwsError::file("create", folder))?;
    std::fs::write(path, text).map_err(LocalAwsError::file("write", path))
}

/// The first that is new enough and can make virtual environments.
fn find_python(minor_min: u32) -> Result<PathBuf, LocalAwsError> {
    let proof =
        format!("import sys, venv, ensurepip; sys.exit(sys.version_info < (3, {minor_min}))");
    let on_path = PYTHON_NAMES.iter().map(PathBuf::from);
    let candidates = on_path.chain(pyenv_pythons()).chain(uv_python(minor_min));
    candidates
        .into_iter()
        .find(|python| {
            Command::new(python)
                .args(["-c", &proof])
                .output()
                .is_ok_and(|output| output.status.success())
        })
        .ok_or(LocalAwsError::NoPython { minor_min })
}

/// Those that pyenv has installed, chosen or not.
fn pyenv_pythons() -> Vec<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let root = set("PYENV_ROOT").or_else(|| set("HOME").map(|home| home.join(".pyenv")));
    let versions = root.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let versions = versions.into_iter().flatten().flatten();
    let mut pythons: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin/python3"))
        .filter(|python| python.is_file())
        .collect();
    // As they come from the disk they are in another order on each machine.
    pythons.sort();
    pythons
}

fn uv_python(minor_min: u32) -> Option<PathBuf> {
    let output = Command::new("uv")
        .args(["python", "find", &format!(">=3.{minor_min}")])
        .output()
        .ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| path.trim().into())
}

fn run(command: &mut Command) -> Result<(), LocalAwsError> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    let output = command
        .output()
        .map_err(|source| LocalAwsError::CannotStart {
            program: words.clone(),
            source,
        })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let output = String::from_utf8_lossy(&said).trim().to_owned();
    Err(LocalAwsError::InstallationFailed {
        command: words,
        output,
    })
}

/// Where the project keeps what it installs.
pub(crate) fn cache_folder() -> Result<PathBuf, LocalAwsError> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("PERFLEET_CACHE_DIR")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("perfleet")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/perfleet")))
        .ok_or(LocalAwsError::NoCacheFolder)
}
