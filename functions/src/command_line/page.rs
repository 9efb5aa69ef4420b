//! `perfleet page`: the built page, put where a fleet in the cloud serves it from.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use store::aws::{PageBucket, PublishedFile, StoredFile};

use super::Outcome;
use super::output::say;
use crate::FunctionsError;
use crate::site::page::headers_of;

/// How long a file that the page does not load any more is kept: somebody may still have the page
/// open that loads it.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The file that names all others.
const INDEX: &str = "index.html";

/// Put the built page into the bucket of a fleet in the cloud.
#[derive(Debug, Args)]
pub(super) struct PageCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Upload a built page, and remove what has not been a part of it for a month
    Publish {
        /// The folder into which `cargo xtask page` built it
        folder: PathBuf,
        /// The bucket: the output `page_bucket` of the environment
        #[arg(long, env = "PERFLEET_AWS_PAGE_BUCKET", value_name = "NAME")]
        page_bucket: String,
    },
}

impl PageCommand {
    /// Runs the command.
    pub(super) async fn run(&self) -> Result<Outcome, FunctionsError> {
        let Action::Publish {
            folder,
            page_bucket,
        } = &self.action;
        let files = files_of(folder)?;
        let bucket = PageBucket::open(page_bucket).await;
        let stored = bucket.list().await?;
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        for file in files {
            bucket.put(file).await?;
        }
        let unused = long_unused(&stored, &paths, Timestamp::now());
        for path in &unused {
            bucket.remove(path).await?;
        }
        say(&format!(
            "{} files published to {page_bucket}, {} old ones removed",
            paths.len(),
            unused.len()
        ));
        Ok(Outcome::Done)
    }
}

/// All files of a built page, the one that names the others last: whoever loads the page meanwhile
/// gets the whole old one or the whole new one.
fn files_of(folder: &Path) -> Result<Vec<PublishedFile>, FunctionsError> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    files.sort_by(|a, b| (a.path == INDEX, &a.path).cmp(&(b.path == INDEX, &b.path)));
    match files.last() {
        Some(last) if last.path == INDEX => Ok(files),
        _ => Err(FunctionsError::Usage(format!(
            "there is no built page in {}: build it with `cargo xtask page`, which prints its folder",
            folder.display()
        ))),
    }
}

fn collect(
    root: &Path,
    folder: &Path,
    files: &mut Vec<PublishedFile>,
) -> Result<(), FunctionsError> {
    let failed = || FunctionsError::io("reading the built page");
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let Some(inside) = path.strip_prefix(root).ok().and_then(Path::to_str) else {
            continue;
        };
        let (content_type, cache_control) = headers_of(&path);
        files.push(PublishedFile {
            path: inside.to_owned(),
            bytes: std::fs::read(&path).map_err(failed())?,
            content_type,
            cache_control,
        });
    }
    Ok(())
}

/// What lies in the bucket, is no part of the page, and was put there longer ago than [`KEPT_FOR`].
fn long_unused(stored: &[StoredFile], used: &[String], now: Timestamp) -> Vec<String> {
    let is_old = |file: &&StoredFile| now.duration_since(file.modified_at) > KEPT_FOR;
    stored
        .iter()
        .filter(is_old)
        .map(|file| file.path.clone())
        .filter(|path| !used.contains(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_names_the_others_comes_last() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("snippets")).unwrap();
        for name in ["index.html", "page-0123456789abcdef.js", "snippets/z.js"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let files = files_of(folder.path()).unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(
            paths,
            ["page-0123456789abcdef.js", "snippets/z.js", "index.html"]
        );
        assert!(files[0].cache_control.contains("immutable"));
        assert_eq!(files[2].cache_control, "no-cache");
        assert_eq!(files[2].content_type, "text/html; charset=utf-8");
    }

    #[test]
    fn a_folder_without_a_page_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = files_of(folder.path()).unwrap_err().to_string();
        assert!(message.contains("cargo xtask page"), "{message}");
    }

    #[test]
    fn only_what_was_no_part_of_the_page_for_a_month_is_removed() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let stored = |path: &str, days: i64| StoredFile {
            path: path.to_owned(),
            modified_at: now - SignedDuration::from_hours(days * 24),
        };
        let stored = [
            stored("old.js", 31),
            stored("new.js", 29),
            stored("kept.js", 400),
        ];
        assert_eq!(
            long_unused(&stored, &["kept.js".to_owned()], now),
            ["old.js"]
        );
    }
}
