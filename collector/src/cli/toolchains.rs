//! `collector toolchains`: what can be measured on this machine, and what was fetched.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;
use shared_types::ArtifactId;

use super::place::rustup;
use super::toolchain_options::{CacheOptions, FetchingOptions};
use super::{answer, answer_json};
use crate::CollectorError;
use crate::execution::Leash;
use crate::measure::default_work_directory;
use crate::toolchain::{CachedToolchain, ComponentName, FetchWatch, Sha256Sum, Sources, Toolchain};

#[derive(Debug, Args)]
pub(super) struct ToolchainsArguments {
    #[command(subcommand)]
    command: Option<ToolchainsCommand>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum ToolchainsCommand {
    /// Lists what rustup has installed and what was fetched into the cache
    List(ListArguments),
    /// Fetches the toolchain of a commit (its full sha), a release (`release-1.95.0`) or a nightly
    /// (`release-nightly-2026-05-19`) into the cache
    Fetch(FetchArguments),
    /// Removes a toolchain from the cache
    Remove(RemoveArguments),
    /// Removes those toolchains from the cache that were not used for longest, until it is small
    /// enough
    Evict(EvictArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    work: WorkOption,
}

#[derive(Debug, Args)]
struct FetchArguments {
    /// What to fetch
    artifact: ArtifactId,
    /// The checksum that the archive of a component must have; may be given several times
    #[arg(long, value_name = "COMPONENT=SHA256", value_parser = component_checksum)]
    sha256: Vec<(ComponentName, Sha256Sum)>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    fetching: FetchingOptions,
    #[command(flatten)]
    work: WorkOption,
}

#[derive(Debug, Args)]
struct RemoveArguments {
    /// What to remove
    artifact: ArtifactId,
    /// Forgets the checksums of its archives, too, so that others may be fetched in their place
    #[arg(long)]
    forget: bool,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    work: WorkOption,
}

#[derive(Debug, Args)]
struct EvictArguments {
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    work: WorkOption,
}

#[derive(Debug, Args)]
struct WorkOption {
    /// The collector's work folder [default: PERFLEET_WORK_DIR, else `perfleet` in the cache
    /// folder]
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,
}

impl WorkOption {
    fn folder(&self) -> PathBuf {
        let variable = |name: &str| std::env::var_os(name);
        self.work_dir
            .clone()
            .unwrap_or_else(|| default_work_directory(variable))
    }
}

fn component_checksum(text: &str) -> Result<(ComponentName, Sha256Sum), String> {
    let (component, sum) = text
        .split_once('=')
        .ok_or("say COMPONENT=SHA256, as in rustc=9f86d081…")?;
    Ok((component.parse()?, sum.parse()?))
}

/// All toolchains as JSON.
#[derive(Serialize)]
struct ListAnswer<'a> {
    installed: &'a [Toolchain],
    fetched: &'a [CachedToolchain],
}

/// A fetched toolchain as JSON.
#[derive(Serialize)]
struct FetchAnswer<'a> {
    artifact: &'a ArtifactId,
    toolchain: &'a Toolchain,
}

pub(super) fn run(arguments: &ToolchainsArguments) -> Result<ExitCode, CollectorError> {
    match &arguments.command {
        None => {
            let installed = installed();
            if arguments.json {
                answer_json(&installed)?;
            } else {
                answer(&installed.iter().map(line).collect::<String>())?;
            }
        }
        Some(ToolchainsCommand::List(list)) => self::list(list, arguments.json)?,
        Some(ToolchainsCommand::Fetch(fetch)) => self::fetch(fetch, arguments.json)?,
        Some(ToolchainsCommand::Remove(remove)) => return self::remove(remove),
        Some(ToolchainsCommand::Evict(evict)) => self::evict(evict)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn installed() -> Vec<Toolchain> {
    let (toolchains, errors) = Toolchain::of_rustup(&rustup());
    for error in errors {
        eprintln!("note: {error}");
    }
    toolchains
}

fn list(arguments: &ListArguments, json: bool) -> Result<(), CollectorError> {
    let cache = arguments
        .cache
        .open(&arguments.work.folder(), &rustup(), Sources::none())?;
    let (installed, fetched) = (installed(), cache.toolchains()?);
    if json || arguments.json {
        return answer_json(&ListAnswer {
            installed: &installed,
            fetched: &fetched,
        });
    }
    let lines = installed.iter().map(line);
    answer(
        &lines
            .chain(fetched.iter().map(fetched_line))
            .collect::<String>(),
    )
}

fn fetch(arguments: &FetchArguments, json: bool) -> Result<(), CollectorError> {
    let cache =
        arguments
            .fetching
            .open(&arguments.work.folder(), &rustup(), Sources::rust_lang())?;
    let leash = Leash::default();
    let mut tell = |what: &str| eprintln!("{what}");
    let watch = FetchWatch::new(&leash, cache.time_max(), &mut tell);
    let given: BTreeMap<_, _> = arguments.sha256.iter().cloned().collect();
    let held = cache.obtain(&arguments.artifact, &given, &watch)?;
    if json || arguments.json {
        return answer_json(&FetchAnswer {
            artifact: &arguments.artifact,
            toolchain: &held.toolchain,
        });
    }
    answer(&format!(
        "{} is ready: {}\n  {}\n",
        arguments.artifact,
        held.toolchain.artifact.title.as_deref().unwrap_or("rustc"),
        held.toolchain.rustc.display()
    ))
}

fn remove(arguments: &RemoveArguments) -> Result<ExitCode, CollectorError> {
    let cache = arguments
        .cache
        .open(&arguments.work.folder(), &rustup(), Sources::none())?;
    if cache.remove(&arguments.artifact, arguments.forget)? {
        answer(&format!("{} was removed\n", arguments.artifact))?;
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("error: {} is not in the cache", arguments.artifact);
    Ok(ExitCode::FAILURE)
}

fn evict(arguments: &EvictArguments) -> Result<(), CollectorError> {
    let cache = arguments
        .cache
        .open(&arguments.work.folder(), &rustup(), Sources::none())?;
    let removed = cache.evict(arguments.cache.bytes_max())?;
    let stay = cache.toolchains()?;
    let bytes: u64 = stay.iter().map(|toolchain| toolchain.bytes).sum();
    let mut text: String = removed
        .iter()
        .map(|toolchain| format!("{} was removed\n", toolchain.artifact))
        .collect();
    text.push_str(&format!(
        "left: {}, {}\n",
        counted(stay.len(), "toolchain"),
        megabytes(bytes)
    ));
    answer(&text)
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn line(toolchain: &Toolchain) -> String {
    let unusable = match toolchain.usable {
        true => "",
        false => " (cannot be measured: it has no standard library for its own host)",
    };
    format!(
        "{}\n  {}{unusable}\n  {}\n",
        toolchain.artifact.id,
        toolchain.artifact.title.as_deref().unwrap_or("rustc"),
        toolchain.names.join(", ")
    )
}

fn fetched_line(toolchain: &CachedToolchain) -> String {
    let in_use = if toolchain.in_use { ", in use" } else { "" };
    format!(
        "{}\n  {}\n  fetched from {} at {:.0}, last used at {:.0}, {}{in_use}\n",
        toolchain.artifact,
        toolchain.title.as_deref().unwrap_or("rustc"),
        toolchain.source,
        toolchain.fetched_at,
        toolchain.last_used,
        megabytes(toolchain.bytes)
    )
}
