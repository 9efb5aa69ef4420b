//! The emulator in the project's cache folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::LocalAwsError;

/// It is young: another version is another emulator.
const VERSION: &str = "1.5.33";

/// Says of a Python that it is new enough and can make virtual environments.
const PYTHON_PROOF: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";

/// ministack in a virtual environment of its own.
#[derive(Debug, Clone)]
pub struct Installation {
    folder: PathBuf,
}

impl Installation {
    /// Installs the emulator into the project's cache folder, unless it is there. The first time
    /// needs the Python package registry and some ten seconds.
    pub fn ensure() -> Result<Self, LocalAwsError> {
        Self::ensure_in(&cache_folder()?)
    }

    /// The same with a cache folder of the caller's choice.
    pub fn ensure_in(cache: &Path) -> Result<Self, LocalAwsError> {
        let folder = cache.join(format!("ministack-{VERSION}"));
        let installation = Self { folder };
        if installation.is_complete() {
            return Ok(installation);
        }
        std::fs::create_dir_all(cache).map_err(LocalAwsError::file("create", cache))?;
        // Tests run as processes of their own and may all find it missing at once.
        let lock_path = cache.join("ministack.lock");
        let lock = File::create(&lock_path).map_err(LocalAwsError::file("create", &lock_path))?;
        lock.lock()
            .map_err(LocalAwsError::file("lock", &lock_path))?;
        if !installation.is_complete() {
            installation.install()?;
        }
        Ok(installation)
    }

    /// The program to start.
    pub fn program(&self) -> PathBuf {
        self.folder.join("bin/ministack")
    }

    fn install(&self) -> Result<(), LocalAwsError> {
        let python = find_python().ok_or(LocalAwsError::NoPython)?;
        run(Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&self.folder))?;
        run(Command::new(self.folder.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg(format!("ministack=={VERSION}")))?;
        let complete = self.completion_mark();
        std::fs::write(&complete, VERSION).map_err(LocalAwsError::file("write", &complete))
    }

    /// Written last, so that an installation that was cut short is done again.
    fn completion_mark(&self) -> PathBuf {
        self.folder.join("complete")
    }

    fn is_complete(&self) -> bool {
        self.completion_mark().is_file() && self.program().is_file()
    }
}

fn find_python() -> Option<&'static str> {
    let names = [
        "python3",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ];
    names.into_iter().find(|name| {
        Command::new(name)
            .args(["-c", PYTHON_PROOF])
            .output()
            .is_ok_and(|output| output.status.success())
    })
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

fn cache_folder() -> Result<PathBuf, LocalAwsError> {
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
