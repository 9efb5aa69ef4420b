//! The folder of one benchmark under one profile for one toolchain: dependencies, built once, and
//! the captured command.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use shared_types::Profile;
use shared_types::result_document::FailureKind;

use super::compile_target::CompileTarget;
use super::confined_access::compiling;
use super::leaf_program::{LeafProgram, SETTINGS_FILE};
use super::problem::{Problem, Stop, judge};
use super::source_copy::{SourceCopy, remove_folder};
use super::work_directory::WorkDirectory;
use crate::CollectorError;
use crate::capture::{CapturedCommand, CapturedTarget};
use crate::execution::{Access, Execution, Executor};
use crate::suite::{ArtifactKind, Benchmark, FetchedBenchmark};
use crate::toolchain::Toolchain;

/// How long cargo may build the dependencies of one benchmark, in milliseconds.
const DEPENDENCIES_TIME_LIMIT_MS: u64 = 60 * 60 * 1_000;

/// Changes when folders are prepared differently, so that old ones are not taken up.
const PREPARATION: &str = "2";

/// What is measured, of which toolchain.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// The benchmark.
    pub benchmark: &'a Benchmark,
    /// Where it lies.
    pub fetched: &'a FetchedBenchmark,
    /// The profile.
    pub profile: Profile,
    /// The toolchain.
    pub toolchain: &'a Toolchain,
    /// What is compiled for.
    pub target: &'a CompileTarget,
}

/// A folder in which a unit can be measured.
#[derive(Debug)]
pub struct UnitFolder {
    pub(super) root: PathBuf,
    /// What cargo built for the unit, perhaps for another profile that needs the same.
    pub(super) dependencies: PathBuf,
    pub(super) source: SourceCopy,
    pub(super) command: CapturedCommand,
}

impl UnitFolder {
    /// Builds the dependencies of a unit and captures its command, unless an earlier collector did.
    pub(super) fn prepare(
        unit: Unit<'_>,
        work: &WorkDirectory,
        executor: &Executor,
    ) -> Result<Self, Stop> {
        let program = LeafProgram::of(unit.profile, unit.toolchain)?;
        let Unit {
            benchmark,
            toolchain,
            target,
            ..
        } = unit;
        target.check(toolchain, &benchmark.artifact, unit.profile)?;
        let benchmark_folder = work.builds_of_benchmark(toolchain, &benchmark.name);
        let source = SourceCopy::of(&unit.fetched.path, benchmark_folder.join("source"))?;
        let target_folder = benchmark_folder.join(target.folder());
        let build = DependencyBuild {
            unit,
            root: target_folder.join(BuildKind::of(unit.profile).folder()),
            source: source.path(),
        };
        let captured = build.captured(executor)?;
        let root = target_folder.join(unit.profile.as_str());
        std::fs::create_dir_all(&root).map_err(CollectorError::io("create the folder", &root))?;
        program.write_settings(&root)?;
        Ok(Self {
            command: program.applied_to(captured, &root),
            dependencies: build.root.join("dependencies"),
            root,
            source,
        })
    }

    /// The command that was captured.
    pub fn command(&self) -> &CapturedCommand {
        &self.command
    }

    /// The file that Clippy takes its settings from, where it is there.
    pub(super) fn settings(&self) -> Option<PathBuf> {
        let settings = self.root.join(SETTINGS_FILE);
        settings.is_file().then_some(settings)
    }

    /// The folder for what is written in one compilation.
    pub(super) fn output(&self) -> PathBuf {
        self.root.join("output")
    }

    /// The incremental cache, at the path where it is used.
    pub(super) fn cache(&self) -> PathBuf {
        self.root.join("incremental")
    }

    /// The incremental cache as the first compilation left it. A compiler that was told to take unstable
    /// options throws away what one that was not has left, so that each has its own.
    pub(super) fn saved_cache(&self, takes_unstable: bool) -> PathBuf {
        self.root.join(match takes_unstable {
            false => "incremental-saved",
            true => "incremental-saved-unstable",
        })
    }

    /// The file for what the compiler writes to its standard output and standard error.
    pub(super) fn messages(&self) -> PathBuf {
        self.root.join("messages.txt")
    }
}

/// Everything that, when it changes, makes an earlier build useless.
fn stamp(unit: Unit<'_>) -> String {
    format!(
        "{PREPARATION}\n{:?}\n{}\n{}\n{}",
        unit.target.variables(),
        unit.benchmark.epoch_inputs_hash(),
        unit.toolchain.cargo.display(),
        unit.toolchain.version_text
    )
}

/// How cargo builds what a crate depends on. Profiles that want the same share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BuildKind {
    Check,
    Debug,
    Opt,
    Documentation,
}

impl BuildKind {
    fn of(profile: Profile) -> Self {
        match profile {
            Profile::Check | Profile::Clippy => Self::Check,
            Profile::Debug => Self::Debug,
            Profile::Opt => Self::Opt,
            Profile::Doc | Profile::DocJson => Self::Documentation,
        }
    }

    /// The folder of the profile that is built in this way without more ado.
    fn folder(self) -> &'static str {
        match self {
            Self::Check => Profile::Check.as_str(),
            Self::Debug => Profile::Debug.as_str(),
            Self::Opt => Profile::Opt.as_str(),
            Self::Documentation => Profile::Doc.as_str(),
        }
    }

    fn cargo_command(self) -> &'static [&'static str] {
        match self {
            Self::Check => &["check"],
            Self::Debug => &["build"],
            Self::Opt => &["build", "--release"],
            Self::Documentation => &["doc", "--no-deps"],
        }
    }
}

/// Cargo's build of all that a unit depends on.
struct DependencyBuild<'a> {
    unit: Unit<'a>,
    root: PathBuf,
    source: &'a Path,
}

impl DependencyBuild<'_> {
    /// The command for the leaf crate, after all that it depends on was built, now or earlier.
    fn captured(&self, executor: &Executor) -> Result<CapturedCommand, Stop> {
        let stamp = stamp(self.unit);
        let stamp_file = self.root.join("stamp");
        let captured = self.root.join("captured");
        let command_file = captured.join("command.json");
        let is_there = std::fs::read_to_string(&stamp_file).is_ok_and(|there| there == stamp);
        if let (true, Some(command)) = (is_there, CapturedCommand::read(&command_file)) {
            return Ok(command);
        }
        remove_folder(&self.root)?;
        for folder in [&captured, &self.root.join("dependencies")] {
            std::fs::create_dir_all(folder)
                .map_err(CollectorError::io("create the folder", folder))?;
        }
        self.run(&command_file, executor)?;
        let Some(command) = CapturedCommand::read(&command_file) else {
            return Err(Stop::Problem(Problem::new(
                FailureKind::BuildFailed,
                format!(
                    "cargo built the dependencies of {} and did not compile the crate itself: is \
                     its target named rightly in the suite?",
                    self.unit.benchmark.name
                ),
            )));
        };
        std::fs::write(&stamp_file, stamp).map_err(CollectorError::io("write", &stamp_file))?;
        Ok(command)
    }

    fn run(&self, command_file: &Path, executor: &Executor) -> Result<(), Stop> {
        let Unit {
            benchmark,
            toolchain,
            target,
            ..
        } = self.unit;
        let messages = self.root.join("dependencies.txt");
        let mut arguments: Vec<String> = BuildKind::of(self.unit.profile)
            .cargo_command()
            .iter()
            .map(|word| (*word).to_owned())
            .collect();
        arguments.extend(target.options());
        arguments.extend(benchmark.target_options());
        arguments.extend(benchmark.feature_options());
        arguments.extend(["--offline", "--locked"].map(str::to_owned));
        let execution = Execution {
            program: toolchain.cargo.clone().into(),
            arguments: arguments.iter().map(OsString::from).collect(),
            environment: self.environment(command_file, executor.collector()),
            directory: self.source.into(),
            output: messages.into(),
            time_limit_ms: DEPENDENCIES_TIME_LIMIT_MS,
            access: self.access(command_file),
        };
        let report = executor.run(&execution)?;
        let title = toolchain.artifact.title.as_deref().unwrap_or("rustc");
        let what = format!(
            "cargo {} of what {} depends on, by {title}",
            arguments.join(" "),
            benchmark.name
        );
        judge(
            &what,
            &report,
            &execution,
            executor.sandbox().limits_in_force(),
        )
    }

    /// Build scripts and macros run here. They may write where cargo builds, and cargo where the
    /// command is kept.
    fn access(&self, command_file: &Path) -> Access {
        let mut access = compiling(self.unit.toolchain);
        access.readable.push(self.source.to_owned());
        access.writable.push(self.root.join("dependencies"));
        access
            .writable
            .extend(command_file.parent().map(Path::to_owned));
        access
    }

    fn environment(&self, command_file: &Path, collector: &Path) -> Vec<(OsString, OsString)> {
        let Unit {
            benchmark,
            profile,
            toolchain,
            target,
            ..
        } = self.unit;
        let rustdoc = match BuildKind::of(profile) {
            BuildKind::Documentation => toolchain.rustdoc.clone(),
            BuildKind::Check | BuildKind::Debug | BuildKind::Opt => None,
        };
        let captured = CapturedTarget {
            file: command_file.to_owned(),
            package: benchmark.package().to_owned(),
            binary: match &benchmark.artifact {
                ArtifactKind::Library => None,
                ArtifactKind::Binary { target } => Some(target.clone()),
            },
            rustdoc,
        };
        let mut environment = base_environment();
        environment.extend(
            [
                // Set, though empty, they keep flags out that the user's configuration names.
                ("CARGO_ENCODED_RUSTDOCFLAGS", OsString::new()),
                ("CARGO_ENCODED_RUSTFLAGS", OsString::new()),
                ("CARGO_INCREMENTAL", "0".into()),
                ("CARGO_NET_OFFLINE", "true".into()),
                ("CARGO_TARGET_DIR", self.root.join("dependencies").into()),
                ("CARGO_TERM_COLOR", "never".into()),
                ("RUSTC", toolchain.rustc.clone().into()),
            ]
            .map(|(name, value)| (OsString::from(name), value)),
        );
        environment.extend(target.variables());
        environment.extend(captured.variables(collector));
        if !environment.iter().any(|(name, _)| name == "RUSTC_WRAPPER") {
            environment.push(("RUSTC_WRAPPER".into(), OsString::new()));
        }
        environment
    }
}

/// The few variables of the collector's own environment that a build gets: where programs, cargo's
/// crates and temporary files are. All others stay outside, secrets among them.
pub(super) fn base_environment() -> Vec<(OsString, OsString)> {
    let mut environment: Vec<(OsString, OsString)> = vec![("LANG".into(), "C.UTF-8".into())];
    for name in ["CARGO_HOME", "HOME", "PATH", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            environment.push((name.into(), value));
        }
    }
    environment
}
