//! Fetching the archives of a build, and making a toolchain of them.

mod authorities;
mod build;
mod component_archive;
mod compression;
mod download;
mod installer_manifest;
mod partial_file;
mod reply;
mod retry;
mod sha256_sum;
mod sources;
mod url_template;
mod watch;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shared_types::ArtifactId;

use crate::CollectorError;
use build::Build;
use component_archive::{Allowance, ComponentArchive};
use download::{Downloaded, Downloader};

pub use authorities::Authorities;
pub use build::BuildKind;
pub(super) use build::check_identity;
pub use component_archive::install_component;
pub use compression::Compression;
pub use retry::RetryPace;
pub use sha256_sum::Sha256Sum;
pub use sources::{ComponentName, FetchLimits, Source, Sources};
pub use url_template::{Placeholder, UrlTemplate};
pub use watch::FetchWatch;

/// The component that is fetched for further targets, too.
const STANDARD_LIBRARY: &str = "rust-std";

/// An archive that a toolchain was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchedArchive {
    /// Where it came from.
    pub url: String,
    /// Its checksum.
    pub sha256: Sha256Sum,
    /// Its size, in bytes.
    pub bytes: u64,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FetchedBuild {
    /// The name of the source that had it.
    pub(super) source: String,
    pub(super) archives: Vec<FetchedArchive>,
}

/// The folders of one fetch. Nobody else is at work in them.
#[derive(Debug, Clone)]
pub(super) struct FetchFolders {
    /// For archives. What an earlier fetch has left there is gone on with.
    pub(super) downloads: PathBuf,
    /// For what is unpacked and not yet in its place.
    pub(super) staging: PathBuf,
    /// For the toolchain.
    pub(super) sysroot: PathBuf,
}

/// What is to be fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) artifact: &'a ArtifactId,
    /// The target triple that it is to run on.
    pub(super) target: &'a str,
    /// The checksums of archives that were fetched before, by URL.
    pub(super) recorded: &'a BTreeMap<String, Sha256Sum>,
    /// Checksums that a person gave, by component.
    pub(super) given: &'a BTreeMap<ComponentName, Sha256Sum>,
}

/// Fetches builds.
pub(super) struct Fetcher {
    sources: Sources,
    downloader: Downloader,
}

impl Fetcher {
    /// A fetcher that asks these sources, and believes the certificates of these authorities.
    pub(super) fn new(sources: Sources, authorities: &Authorities) -> Self {
        let FetchLimits {
            pace,
            archive_bytes_max,
            ..
        } = sources.limits;
        Self {
            downloader: Downloader::new(pace, archive_bytes_max, authorities),
            sources,
        }
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Fetches a build from the first source that has it. Archives stay in their folder when this
    /// fails for a reason that may pass.
    pub(super) fn fetch(
        &self,
        wanted: Wanted<'_>,
        folders: &FetchFolders,
        watch: &FetchWatch<'_>,
    ) -> Result<FetchedBuild, CollectorError> {
        let build = Build::of(wanted.artifact).ok_or_else(|| no_source(wanted.artifact))?;
        let sources = self.sources.sources.iter();
        let fitting: Vec<&Source> = sources
            .filter(|source| source.builds == build.kind)
            .collect();
        if fitting.is_empty() {
            return Err(no_source(wanted.artifact));
        }
        let mut missing = Vec::new();
        let mut refusal = None;
        for source in fitting {
            let fetch = SourceFetch {
                fetcher: self,
                source,
                build: &build,
                wanted,
                folders,
                watch,
                went_on: Cell::new(false),
            };
            match fetch.run_twice_where_parts_did_not_fit() {
                Ok(Outcome::Fetched(fetched)) => return Ok(fetched),
                Ok(Outcome::Lacks { url }) => missing.push(url),
                Err(error @ CollectorError::DownloadRefused { .. }) => refusal = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(refusal.unwrap_or_else(|| CollectorError::BuildNotFound {
            artifact: wanted.artifact.clone(),
            tried: missing.join(", "),
        }))
    }
}

fn no_source(artifact: &ArtifactId) -> CollectorError {
    CollectorError::NoSourceFor {
        artifact: artifact.clone(),
    }
}

/// What a source answered.
enum Outcome {
    Fetched(FetchedBuild),
    /// It has no such archive.
    Lacks {
        url: String,
    },
}

/// An archive to fetch.
struct Piece<'a> {
    component: &'a ComponentName,
    target: &'a str,
    optional: bool,
    url: String,
}

/// An archive that is here and has the right checksum.
struct Checked {
    path: PathBuf,
    archive: FetchedArchive,
}

/// A fetch from one source.
struct SourceFetch<'a, 'w> {
    fetcher: &'a Fetcher,
    source: &'a Source,
    build: &'a Build,
    wanted: Wanted<'a>,
    folders: &'a FetchFolders,
    watch: &'a FetchWatch<'w>,
    /// Whether an archive was put together from several answers.
    went_on: Cell<bool>,
}

impl SourceFetch<'_, '_> {
    /// What was put together from several answers can be wrong where no single answer was: a
    /// server may change a file and say that it has not.
    fn run_twice_where_parts_did_not_fit(&self) -> Result<Outcome, CollectorError> {
        match self.run() {
            Err(error) if error.is_about_content() && self.went_on.replace(false) => {
                self.clear(&self.folders.downloads)?;
                self.run()
            }
            outcome => outcome,
        }
    }

    /// Fetches all archives, then unpacks them.
    fn run(&self) -> Result<Outcome, CollectorError> {
        self.clear(&self.folders.sysroot)?;
        let downloads = &self.folders.downloads;
        std::fs::create_dir_all(downloads)
            .map_err(CollectorError::io("create the folder", downloads))?;
        let mut checked = Vec::new();
        for piece in self.pieces() {
            match self.checked_archive(&piece)? {
                Some(archive) => checked.push(archive),
                None if piece.optional => {}
                None => return Ok(Outcome::Lacks { url: piece.url }),
            }
        }
        self.unpack(&checked)?;
        Ok(Outcome::Fetched(FetchedBuild {
            source: self.source.name.clone(),
            archives: checked.into_iter().map(|checked| checked.archive).collect(),
        }))
    }

    fn pieces(&self) -> Vec<Piece<'_>> {
        let host = self.wanted.target;
        let piece = |component, target, optional| Piece {
            component,
            target,
            optional,
            url: self.url(component, target),
        };
        let needed = self.source.components.iter();
        let mut pieces: Vec<_> = needed
            .map(|component| piece(component, host, false))
            .collect();
        let standard_library = self
            .source
            .components
            .iter()
            .find(|component| component.as_str() == STANDARD_LIBRARY);
        for target in &self.source.std_targets {
            if let Some(component) = standard_library
                && target != host
            {
                pieces.push(piece(component, target, false));
            }
        }
        let optional = self.source.optional_components.iter();
        pieces.extend(optional.map(|component| piece(component, host, true)));
        pieces
    }

    fn url(&self, component: &ComponentName, target: &str) -> String {
        let own = self.source.builds.placeholder();
        let value = |placeholder| match placeholder {
            Placeholder::Component => Some(component.as_str()),
            Placeholder::Target => Some(target),
            placeholder => (placeholder == own).then_some(self.build.name.as_str()),
        };
        // Every source was checked to have no other placeholder.
        self.source
            .url
            .fill(value)
            .unwrap_or_else(|placeholder| placeholder.name().to_owned())
    }

    fn path(&self, piece: &Piece<'_>) -> PathBuf {
        let extension = match self.source.url.compression() {
            Compression::Xz => "tar.xz",
            Compression::Gzip => "tar.gz",
        };
        let name = format!("{}-{}.{extension}", piece.component.as_str(), piece.target);
        self.folders.downloads.join(name)
    }

    fn checked_archive(&self, piece: &Piece<'_>) -> Result<Option<Checked>, CollectorError> {
        let path = self.path(piece);
        let component = piece.component.as_str();
        self.watch
            .tell(&format!("fetching {component} of {}", self.wanted.artifact));
        match self
            .fetcher
            .downloader
            .file(&piece.url, &path, self.watch)?
        {
            Downloaded::Missing => return Ok(None),
            Downloaded::InParts => self.went_on.set(true),
            Downloaded::InOne => {}
        }
        let file = File::open(&path).map_err(CollectorError::io("read", &path))?;
        let bytes = file
            .metadata()
            .map_err(CollectorError::io("look at", &path))?
            .len();
        let sha256 = Sha256Sum::of(file).map_err(CollectorError::io("read", &path))?;
        for (promised_by, expected) in self.promises(piece)? {
            if expected != sha256 {
                self.remove(&path)?;
                return Err(CollectorError::ArchiveChecksum {
                    url: piece.url.clone(),
                    promised_by,
                    expected: expected.to_string(),
                    found: sha256.to_string(),
                });
            }
        }
        Ok(Some(Checked {
            path,
            archive: FetchedArchive {
                url: piece.url.clone(),
                sha256,
                bytes,
            },
        }))
    }

    /// The checksums that an archive must have, each with who says so.
    fn promises(&self, piece: &Piece<'_>) -> Result<Vec<(String, Sha256Sum)>, CollectorError> {
        let mut promises = Vec::new();
        let configured = self.fetcher.sources.checksums.get(self.wanted.artifact);
        let configured = configured.and_then(|sums| sums.get(piece.component));
        // What is given by component is that of the host's archive.
        if piece.target == self.wanted.target {
            let given = self.wanted.given.get(piece.component);
            promises.extend(given.map(|sum| ("the command line".to_owned(), sum.clone())));
            let by = "the file of toolchain sources".to_owned();
            promises.extend(configured.map(|sum| (by, sum.clone())));
        }
        if let Some(sum) = self.wanted.recorded.get(&piece.url) {
            let by = "the record of when it was fetched here before".to_owned();
            promises.push((by, sum.clone()));
        }
        if self.source.checksum_beside {
            let url = format!("{}.sha256", piece.url);
            promises.push((url.clone(), self.checksum_beside(piece, &url)?));
        }
        Ok(promises)
    }

    fn checksum_beside(&self, piece: &Piece<'_>, url: &str) -> Result<Sha256Sum, CollectorError> {
        let refused = |reason: String| CollectorError::DownloadRefused {
            url: url.to_owned(),
            reason,
        };
        let text = self
            .fetcher
            .downloader
            .text(url, self.watch)?
            .ok_or_else(|| {
                refused(format!(
                    "it is not there, and the source `{}` promises a checksum beside each archive; \
                     an archive without is not used",
                    self.source.name
                ))
            })?;
        let archive = piece.url.rsplit('/').next().unwrap_or_default();
        Sha256Sum::of_file_beside(&text, archive).map_err(refused)
    }

    fn unpack(&self, checked: &[Checked]) -> Result<(), CollectorError> {
        let limits = &self.fetcher.sources.limits;
        let mut allowance = Allowance {
            bytes: limits.toolchain_bytes_max,
            files: limits.toolchain_files_max,
        };
        let FetchFolders {
            staging, sysroot, ..
        } = self.folders;
        for Checked { path, archive } in checked {
            self.watch.tell(&format!(
                "unpacking {} of {}",
                file_name(path),
                self.wanted.artifact
            ));
            self.clear(staging)?;
            let component = ComponentArchive {
                path,
                url: &archive.url,
                compression: self.source.url.compression(),
            };
            let installed = component.install(staging, sysroot, &mut allowance, self.watch);
            if installed
                .as_ref()
                .is_err_and(CollectorError::is_about_content)
            {
                self.remove(path)?;
            }
            installed?;
        }
        self.clear(staging)
    }

    /// Leaves an empty folder.
    fn clear(&self, folder: &Path) -> Result<(), CollectorError> {
        remove_folder(folder)?;
        std::fs::create_dir_all(folder).map_err(CollectorError::io("create the folder", folder))
    }

    fn remove(&self, file: &Path) -> Result<(), CollectorError> {
        std::fs::remove_file(file).map_err(CollectorError::io("remove", file))
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Removes a folder with all that is in it, where there is one.
pub(super) fn remove_folder(folder: &Path) -> Result<(), CollectorError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CollectorError::io("remove the folder", folder)(error))
        }
        _ => Ok(()),
    }
}
