//! An archive of one component, in the layout of rust-installer, and its way into a sysroot.
//!
//! An archive may be anybody's. Only plain files and folders are taken from it: a link, by which a
//! later file could land elsewhere, is refused, as rustup does, and no archive of rustc holds one.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use tar::{Archive, Entry, EntryType};

use super::compression::Compression;
use super::installer_manifest::{
    InstalledPart, InstallerManifest, LAYOUT_VERSION, component_folders, plain_path,
};
use super::sources::FetchLimits;
use super::watch::FetchWatch;
use crate::CollectorError;
use crate::execution::Leash;

/// How much is unpacked at once, in bytes.
const CHUNK_BYTES: usize = 64 * 1_024;

/// The longest manifest, in bytes.
const MANIFEST_BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// What all archives of a toolchain together may still unpack to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

/// Moves what the archive of a component installs into the folder `sysroot`, by way of the empty
/// folder `staging`, with the limits of a fetch. The end of the archive's name tells how it is
/// compressed.
///
/// # Errors
/// [`CollectorError::ToolchainArchive`] where the archive is damaged, or not to be trusted.
pub fn install_component(
    archive: &Path,
    staging: &Path,
    sysroot: &Path,
) -> Result<(), CollectorError> {
    let name = archive.display().to_string();
    let compression =
        Compression::of_name(&name).ok_or_else(|| CollectorError::ToolchainArchive {
            url: name.clone(),
            reason: "its name ends neither with `.tar.xz` nor with `.tar.gz`".to_owned(),
        })?;
    let limits = FetchLimits::default();
    let mut allowance = Allowance {
        bytes: limits.toolchain_bytes_max,
        files: limits.toolchain_files_max,
    };
    let (leash, mut tell) = (Leash::default(), |_: &str| {});
    let watch = FetchWatch::new(&leash, limits.time_max, &mut tell);
    let component = ComponentArchive {
        path: archive,
        url: &name,
        compression,
    };
    component.install(staging, sysroot, &mut allowance, &watch)
}

/// An archive of one component.
pub(super) struct ComponentArchive<'a> {
    /// Where it lies.
    pub(super) path: &'a Path,
    /// Where it came from, for errors.
    pub(super) url: &'a str,
    pub(super) compression: Compression,
}

impl ComponentArchive<'_> {
    /// Unpacks the archive into the empty folder `staging`, and moves what its manifest names into
    /// the sysroot.
    ///
    /// # Errors
    /// [`CollectorError::ToolchainArchive`] where the archive is damaged, or not to be trusted.
    pub(super) fn install(
        &self,
        staging: &Path,
        sysroot: &Path,
        allowance: &mut Allowance,
        watch: &FetchWatch<'_>,
    ) -> Result<(), CollectorError> {
        self.unpack(staging, allowance, watch)?;
        let version = self.text(staging, "rust-installer-version")?;
        if version.trim() != LAYOUT_VERSION {
            return Err(self.refused(format!(
                "its layout has version `{}`, and this program knows {LAYOUT_VERSION}",
                version.trim()
            )));
        }
        let components = self.text(staging, "components")?;
        let components = component_folders(&components)
            .map_err(|reason| self.refused(format!("its list of components: {reason}")))?;
        for component in components {
            let manifest = self.text(staging, &format!("{component}/manifest.in"))?;
            let manifest = InstallerManifest::parse(&manifest)
                .map_err(|reason| self.refused(format!("the manifest of {component}: {reason}")))?;
            self.place(&staging.join(&component), sysroot, &manifest)?;
        }
        Ok(())
    }

    fn unpack(
        &self,
        staging: &Path,
        allowance: &mut Allowance,
        watch: &FetchWatch<'_>,
    ) -> Result<(), CollectorError> {
        let file = File::open(self.path).map_err(CollectorError::io("read", self.path))?;
        let mut archive = Archive::new(self.compression.reader(BufReader::new(file)));
        let damaged = |error: std::io::Error| self.refused(format!("it is damaged: {error}"));
        for entry in archive.entries().map_err(damaged)? {
            watch.check(self.url)?;
            self.unpack_entry(&mut entry.map_err(damaged)?, staging, allowance, watch)?;
        }
        // The checksum of the compression stands behind the last file.
        let mut rest = archive.into_inner().take(allowance.bytes.saturating_add(1));
        let left = std::io::copy(&mut rest, &mut std::io::sink()).map_err(damaged)?;
        if left > allowance.bytes {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn unpack_entry(
        &self,
        entry: &mut Entry<'_, impl Read>,
        staging: &Path,
        allowance: &mut Allowance,
        watch: &FetchWatch<'_>,
    ) -> Result<(), CollectorError> {
        let named = entry
            .path()
            .map_err(|error| self.refused(format!("it is damaged: {error}")))?
            .into_owned();
        let plain = plain_path(&named).ok_or_else(|| {
            self.refused(format!(
                "it holds `{}`, which leads out of it",
                named.display()
            ))
        })?;
        let below = below_first_folder(&plain);
        let path = staging.join(&below);
        allowance.files = allowance
            .files
            .checked_sub(1)
            .ok_or_else(|| self.too_large())?;
        match entry.header().entry_type() {
            EntryType::Directory => create_folder(&path),
            EntryType::Regular if below == Path::new("") => {
                Err(self.refused(format!("`{}` in it is in no folder", named.display())))
            }
            EntryType::Regular => self.unpack_file(entry, &path, allowance, watch),
            other => Err(self.refused(format!(
                "`{}` in it is neither a file nor a folder ({other:?})",
                named.display()
            ))),
        }
    }

    fn unpack_file(
        &self,
        entry: &mut Entry<'_, impl Read>,
        path: &Path,
        allowance: &mut Allowance,
        watch: &FetchWatch<'_>,
    ) -> Result<(), CollectorError> {
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let is_program = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
        let mut file = new_file(is_program)
            .open(path)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    self.refused(format!("it holds `{}` twice", path.display()))
                }
                _ => CollectorError::io("create", path)(error),
            })?;
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut missing = entry.size();
        loop {
            watch.check(self.url)?;
            let length = entry
                .read(&mut chunk)
                .map_err(|error| self.refused(format!("it is damaged: {error}")))?;
            if length == 0 {
                break;
            }
            missing = missing.saturating_sub(length as u64);
            allowance.bytes = allowance
                .bytes
                .checked_sub(length as u64)
                .ok_or_else(|| self.too_large())?;
            file.write_all(&chunk[..length])
                .map_err(CollectorError::io("write", path))?;
        }
        if missing > 0 {
            return Err(self.refused("it is damaged: it ends within a file".to_owned()));
        }
        file.sync_all().map_err(CollectorError::io("write", path))
    }

    /// Moves what a manifest names from a component's folder into the sysroot.
    fn place(
        &self,
        component: &Path,
        sysroot: &Path,
        manifest: &InstallerManifest,
    ) -> Result<(), CollectorError> {
        for part in &manifest.parts {
            match part {
                InstalledPart::File(path) => self.place_file(component, sysroot, path)?,
                InstalledPart::Folder(path) => {
                    let mut paths = Vec::new();
                    let folder = component.join(path);
                    if !folder.is_dir() {
                        return Err(self.lacks(path));
                    }
                    files_below(&folder, path, &mut paths)?;
                    for path in &paths {
                        self.place_file(component, sysroot, path)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn place_file(
        &self,
        component: &Path,
        sysroot: &Path,
        path: &Path,
    ) -> Result<(), CollectorError> {
        let (from, to) = (component.join(path), sysroot.join(path));
        if !from.is_file() {
            return Err(self.lacks(path));
        }
        if to.exists() {
            return Err(self.refused(format!(
                "it would replace `{}`, which another component has brought",
                path.display()
            )));
        }
        if let Some(folder) = to.parent() {
            create_folder(folder)?;
        }
        std::fs::rename(&from, &to).map_err(CollectorError::io("move into place", &to))
    }

    /// A file of the unpacked archive, as text.
    fn text(&self, staging: &Path, name: &str) -> Result<String, CollectorError> {
        let path = staging.join(name);
        if !path.is_file() {
            return Err(self.lacks(Path::new(name)));
        }
        let mut text = String::new();
        File::open(&path)
            .map_err(CollectorError::io("read", &path))?
            .take(MANIFEST_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(|error| self.refused(format!("its `{name}` cannot be read: {error}")))?;
        Ok(text)
    }

    fn lacks(&self, path: &Path) -> CollectorError {
        self.refused(format!(
            "it lacks `{}`, so it is not an archive of rust-installer, or not a whole one",
            path.display()
        ))
    }

    fn too_large(&self) -> CollectorError {
        self.refused(
            "the toolchain unpacks to more than it may: raise `toolchain_bytes_max` in the file of \
             toolchain sources if that is meant"
                .to_owned(),
        )
    }

    fn refused(&self, reason: String) -> CollectorError {
        CollectorError::ToolchainArchive {
            url: self.url.to_owned(),
            reason,
        }
    }
}

/// How a file is made that must not be there yet, with the rights to be read, and run if it is a
/// program.
fn new_file(is_program: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if is_program { 0o755 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = is_program;
    options
}

/// An archive has one folder, named like itself, with all else in it.
fn below_first_folder(path: &Path) -> PathBuf {
    path.components().skip(1).collect()
}

fn create_folder(folder: &Path) -> Result<(), CollectorError> {
    std::fs::create_dir_all(folder).map_err(CollectorError::io("create the folder", folder))
}

/// All files below `folder`, as paths that begin with `prefix`.
fn files_below(
    folder: &Path,
    prefix: &Path,
    paths: &mut Vec<PathBuf>,
) -> Result<(), CollectorError> {
    let listed =
        std::fs::read_dir(folder).map_err(CollectorError::io("list the folder", folder))?;
    for entry in listed {
        let entry = entry.map_err(CollectorError::io("list the folder", folder))?;
        let path = prefix.join(entry.file_name());
        let kind = entry
            .file_type()
            .map_err(CollectorError::io("look at", &entry.path()))?;
        if kind.is_dir() {
            files_below(&entry.path(), &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}
