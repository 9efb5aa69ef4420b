//! `collector profile`: looks into one compilation, of one compiler or of two and how they differ.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use analysis::words::{CostTable, cost_csv, cost_difference, cost_table};
use clap::Args;
use shared_types::{Backend, Profile, Scenario};

use super::answer;
use super::place::{Place, rustup};
use super::toolchain_options::FetchingOptions;
use crate::CollectorError;
use crate::host::proposed_configuration;
use crate::measure::{ObservedUnit, Workbench};
use crate::profiling::{self, Findings, Tool, flamegraph, profile};
use crate::suite::Selection;
use crate::toolchain::Toolchain;

#[derive(Debug, Args)]
pub(super) struct ProfileArguments {
    /// What looks into the compilation
    #[arg(value_enum)]
    tool: Tool,
    /// The compiler: a toolchain of rustup, the path of a rustc or of a toolchain, or a commit or
    /// release, which is fetched if need be
    #[arg(value_name = "TOOLCHAIN")]
    base: String,
    /// A second compiler, to see how it differs from the first
    #[arg(value_name = "TOOLCHAIN_B")]
    head: Option<String>,
    /// What is compiled, by name or crate
    #[arg(long, value_name = "BENCHMARK")]
    benchmark: String,
    /// How: check, debug, opt or doc
    #[arg(long, default_value_t = Profile::Check)]
    profile: Profile,
    /// From which state of the incremental cache: full, incr-full, incr-unchanged, incr-patched:NAME
    #[arg(long, default_value_t = Scenario::Full)]
    scenario: Scenario,
    /// Threads of the compiler's front end
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: u32,
    /// The code generator: llvm or cranelift
    #[arg(long, default_value_t = Backend::Llvm)]
    backend: Backend,
    /// What is compiled for: the triple of a target, `wasm32-unknown-unknown`, whose standard library
    /// the toolchains have [default: this host]
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Further flags of the compiler, one for each time that this is given
    #[arg(long = "flag", value_name = "FLAG", allow_hyphen_values = true)]
    flags: Vec<String>,
    /// Rows of a table at most; the CSV files have all
    #[arg(long, default_value_t = 30, value_name = "NUMBER")]
    rows: usize,
    /// Draws a flame graph of the queries; of two compilers, that of the second, coloured by how it
    /// differs from the first (self-profile alone)
    #[arg(long, value_name = "FILE.svg")]
    flamegraph: Option<PathBuf>,
    /// The folder for what the tool leaves [default: one below the work folder, which is printed]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    fetching: FetchingOptions,
    #[command(flatten)]
    place: Place,
}

/// What was found of one compiler, and where its files are.
struct Profiled {
    title: String,
    folder: PathBuf,
    findings: Findings,
}

pub(super) fn run(arguments: &ProfileArguments) -> Result<ExitCode, CollectorError> {
    if arguments.flamegraph.is_some() && arguments.tool != Tool::SelfProfile {
        return Err(CollectorError::Usage {
            reason: format!(
                "{} has no stacks of queries to draw: --flamegraph goes with self-profile",
                arguments.tool.as_str()
            ),
        });
    }
    let work = arguments.place.work_directory();
    let rustup = rustup();
    let (base, _base_held) = arguments
        .fetching
        .toolchain(&arguments.base, &work, &rustup)?;
    let head = match &arguments.head {
        Some(head) => Some(arguments.fetching.toolchain(head, &work, &rustup)?),
        None => None,
    };
    let bench = arguments.place.plain_workbench("profile")?;
    let folder = arguments.folder(&bench)?;
    let base = arguments.profiled(&bench, &base, &folder.join("base"))?;
    let head = match &head {
        Some((head, _held)) => Some(arguments.profiled(&bench, head, &folder.join("head"))?),
        None => None,
    };
    let mut text = arguments.tables(&base, head.as_ref(), &folder)?;
    if let Some(file) = &arguments.flamegraph {
        let svg = arguments.drawn(&base, head.as_ref())?;
        std::fs::write(file, svg).map_err(CollectorError::io("write", file))?;
        text.push_str(&format!("flame graph, for a browser: {}\n", file.display()));
    }
    for (side, profiled) in [("base", Some(&base)), ("head", head.as_ref())] {
        for file in profiled
            .iter()
            .flat_map(|profiled| &profiled.findings.files)
        {
            text.push_str(&format!(
                "{side}: {}\n      open with {}\n",
                file.path.display(),
                file.open_with
            ));
        }
    }
    answer(&format!("{text}all files: {}\n", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

impl ProfileArguments {
    fn name(&self) -> String {
        let name = format!("{}/{}/{}", self.benchmark, self.profile, self.scenario);
        match &self.target {
            Some(target) => format!("{name} for {target}"),
            None => name,
        }
    }

    /// The folder for everything, without what an earlier call has left in it.
    fn folder(&self, bench: &Workbench) -> Result<PathBuf, CollectorError> {
        let usual = || {
            let name = self.name().replace(['/', ':', ' '], ".");
            bench.work.profiles().join(self.tool.as_str()).join(name)
        };
        let folder = self.out.clone().unwrap_or_else(usual);
        for side in ["base", "head"] {
            let side = folder.join(side);
            match std::fs::remove_dir_all(&side) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(CollectorError::io("empty the folder", &side)(error));
                }
                _ => {}
            }
        }
        std::fs::create_dir_all(&folder)
            .map_err(CollectorError::io("create the folder", &folder))?;
        folder
            .canonicalize()
            .map_err(CollectorError::io("find the folder", &folder))
    }

    fn profiled(
        &self,
        bench: &Workbench,
        toolchain: &Toolchain,
        folder: &Path,
    ) -> Result<Profiled, CollectorError> {
        let title = toolchain.artifact.title.clone();
        let title = title.unwrap_or_else(|| toolchain.artifact.id.to_string());
        eprintln!("{title}: {} under {}", self.name(), self.tool.as_str());
        std::fs::create_dir_all(folder).map_err(CollectorError::io("create the folder", folder))?;
        let selection = Selection {
            include: vec![self.benchmark.clone()],
            ..Selection::default()
        };
        let benchmark = bench.suite.select(&selection)?[0];
        let mut record = proposed_configuration(&bench.host, self.backend, self.threads);
        record.flags.clone_from(&self.flags);
        if let Some(target) = &self.target {
            record.target.clone_from(target);
        }
        let unit = ObservedUnit::prepare(bench, &record, (benchmark, self.profile), toolchain)?;
        Ok(Profiled {
            title,
            folder: folder.to_owned(),
            findings: profile(self.tool, &unit, &self.scenario, folder)?,
        })
    }

    /// The tables as text; all of their rows go into files.
    fn tables(
        &self,
        base: &Profiled,
        head: Option<&Profiled>,
        folder: &Path,
    ) -> Result<String, CollectorError> {
        let mut text = match head {
            None => format!("{} · {}\n", self.name(), base.title),
            Some(head) => format!("{} · {} → {}\n", self.name(), base.title, head.title),
        };
        for (number, table) in base.findings.tables.iter().enumerate() {
            let of_head: Option<&CostTable> =
                head.and_then(|head| head.findings.tables.get(number));
            text.push_str(&match of_head {
                None => cost_table(table, self.rows),
                Some(of_head) => cost_difference(table, of_head, self.rows),
            });
            let file = folder.join(format!("{}-{}.csv", number + 1, table.part));
            std::fs::write(&file, cost_csv(table, of_head))
                .map_err(CollectorError::io("write", &file))?;
            text.push_str(&format!("  every {}: {}\n\n", table.part, file.display()));
        }
        Ok(text)
    }

    fn drawn(&self, base: &Profiled, head: Option<&Profiled>) -> Result<String, CollectorError> {
        let stacks = |profiled: &Profiled| profiling::read_stacks(&profiled.folder);
        let of_base = stacks(base)?;
        Ok(match head {
            None => flamegraph(&format!("{} · {}", self.name(), base.title), &of_base, None),
            Some(head) => {
                let title = format!("{} · {} → {}", self.name(), base.title, head.title);
                flamegraph(&title, &stacks(head)?, Some(&of_base))
            }
        })
    }
}
