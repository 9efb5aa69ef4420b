//! What rustc writes with `-Zself-profile`, read by the crate that rustc's own tools read it with.

mod names;

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use analyzeme::{AnalysisResults, ProfilingData, collapse_stacks};
use shared_types::self_profile::{
    ARTIFACT_SIZES_MAX, ArtifactSize, QUERIES_MAX, QUERY_NAME_BYTES_MAX, QuerySelfTime, SelfProfile,
};

use crate::CollectorError;

/// The largest raw profile that is read, in bytes.
const BYTES_MAX: u64 = 1 << 30;

/// The extension of a raw profile.
pub const EXTENSION: &str = "mm_profdata";

/// Reads how much time each query took. Every kind of work that took time or was done is there, the
/// one that took the most first.
///
/// # Errors
/// When the file cannot be read, or is not what rustc writes.
pub fn read(raw: &Path) -> Result<SelfProfile, CollectorError> {
    understood(raw, ProfilingData::perform_analysis).map(|results| profile_of(&results))
}

/// As [`read`], from the content of a file.
///
/// # Errors
/// Says what is wrong with it.
pub fn read_bytes(bytes: Vec<u8>) -> Result<SelfProfile, String> {
    contained(bytes, ProfilingData::perform_analysis).map(|results| profile_of(&results))
}

fn profile_of(results: &AnalysisResults) -> SelfProfile {
    // A compiler that counts hits has some: no crate is compiled without asking twice.
    let counts_hits = results
        .query_data
        .iter()
        .any(|query| query.number_of_cache_hits > 0);
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let mut queries: Vec<QuerySelfTime> = results
        .query_data
        .iter()
        .map(|query| QuerySelfTime {
            self_time_ns: nanoseconds(query.self_time),
            calls: query.invocation_count as u64,
            query: query.label.clone(),
            cache_hits: counts_hits.then_some(query.number_of_cache_hits as u64),
            blocked_ns: Some(nanoseconds(query.blocked_time)),
            incremental_load_ns: Some(nanoseconds(query.incremental_load_time)),
        })
        .filter(|query| query.self_time_ns > 0 || query.calls > 0 || query.cache_hits > Some(0))
        .filter(|query| (1..=QUERY_NAME_BYTES_MAX).contains(&query.query.len()))
        .collect();
    queries.sort_by(|one, other| {
        let longest = other.self_time_ns.cmp(&one.self_time_ns);
        longest.then_with(|| one.query.cmp(&other.query))
    });
    queries.truncate(QUERIES_MAX);
    SelfProfile {
        artifact_sizes: artifact_sizes(results),
        ..SelfProfile::of(queries)
    }
}

/// Of one name once, as they come.
fn artifact_sizes(results: &AnalysisResults) -> Vec<ArtifactSize> {
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for size in &results.artifact_sizes {
        if (1..=QUERY_NAME_BYTES_MAX).contains(&size.label.len()) {
            let sum = sizes.entry(&size.label).or_default();
            *sum = sum.saturating_add(size.value);
        }
    }
    let sizes = sizes.into_iter().map(|(artifact, bytes)| ArtifactSize {
        artifact: artifact.to_owned(),
        bytes,
    });
    sizes.take(ARTIFACT_SIZES_MAX).collect()
}

/// The time of each stack of queries, in nanoseconds: `rustc;analysis;typeck`, without the time of
/// what is further down the stack.
///
/// # Errors
/// As [`read`].
pub fn stacks(raw: &Path) -> Result<BTreeMap<String, u64>, CollectorError> {
    let stacks = understood(raw, |data| collapse_stacks(&data))?;
    Ok(stacks.into_iter().collect())
}

/// The one raw profile in a folder; the largest, where a compiler started another.
///
/// # Errors
/// When there is none, or the folder cannot be read.
pub fn only_profile(folder: &Path) -> Result<PathBuf, CollectorError> {
    let failed = CollectorError::io("list the folder", folder);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return Err(failed(error)),
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let profiles = paths.filter(|path| path.extension().is_some_and(|found| found == EXTENSION));
    let bytes = |path: &PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
    profiles
        .max_by_key(bytes)
        .ok_or_else(|| CollectorError::SelfProfile {
            path: folder.to_owned(),
            reason: "the compiler wrote none, so it seems not to know -Zself-profile".to_owned(),
        })
}

/// What `read` makes of a raw profile.
fn understood<T>(raw: &Path, read: impl FnOnce(ProfilingData) -> T) -> Result<T, CollectorError> {
    let refused = |reason: String| CollectorError::SelfProfile {
        path: raw.to_owned(),
        reason,
    };
    let length = std::fs::metadata(raw)
        .map_err(CollectorError::io("read", raw))?
        .len();
    if length > BYTES_MAX {
        return Err(refused(format!(
            "it has {length} bytes, and at most {BYTES_MAX} are read"
        )));
    }
    let bytes = std::fs::read(raw).map_err(CollectorError::io("read", raw))?;
    contained(bytes, read).map_err(refused)
}

/// What `read` makes of the bytes of a raw profile. They come from a compiler that may be anybody's,
/// and the crate that reads them panics over what cannot be. What it would not come back from is
/// looked for before.
fn contained<T>(bytes: Vec<u8>, read: impl FnOnce(ProfilingData) -> T) -> Result<T, String> {
    names::check(&bytes).map_err(|reason| format!("it is damaged: {reason}"))?;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        ProfilingData::from_paged_buffer(bytes, None).map(read)
    }));
    match outcome {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(format!("it is damaged: {}", words_of(&*panic))),
    }
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it contradicts itself".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A profile in which `typeck` runs and calls `type_of`.
    fn written(folder: &Path) -> PathBuf {
        written_with(folder, "typeck")
    }

    fn written_with(folder: &Path, outer: &str) -> PathBuf {
        use measureme::{EventId, Profiler};
        let stem = folder.join("crate-0000001");
        let profiler = Profiler::new(&stem).unwrap();
        let kind = profiler.alloc_string("Query");
        let event = |name: &str| EventId::from_label(profiler.alloc_string(name));
        let (outer, inner) = (event(outer), event("type_of"));
        {
            let _outer = profiler.start_recording_interval_event(kind, outer, 0);
            let _inner = profiler.start_recording_interval_event(kind, inner, 0);
        }
        drop(profiler);
        stem.with_extension(EXTENSION)
    }

    #[test]
    fn a_query_has_its_own_time_and_not_that_of_what_it_called() {
        let folder = tempfile::tempdir().unwrap();
        let raw = written(folder.path());
        let profile = read(&raw).unwrap();
        let mut names: Vec<&str> = profile
            .queries
            .iter()
            .map(|query| query.query.as_str())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["type_of", "typeck"]);
        assert!(profile.queries.iter().all(|query| query.calls == 1));
        let stacks = stacks(&raw).unwrap();
        assert!(stacks.contains_key("rustc;typeck;type_of"), "{stacks:?}");
        assert_eq!(only_profile(folder.path()).unwrap(), raw);
    }

    #[test]
    fn a_profile_whose_name_contains_itself_is_an_error_and_takes_nothing_down() {
        let folder = tempfile::tempdir().unwrap();
        let name = "a_long_name";
        let raw = written_with(folder.path(), name);
        let mut bytes = std::fs::read(&raw).unwrap();
        // The name is made a reference to its own place.
        let found = bytes
            .windows(name.len())
            .position(|text| text == name.as_bytes());
        let at = found.unwrap();
        let number = 100_000_003 + place_in_strings(&bytes, at);
        bytes[at] = 0xfe;
        bytes[at + 1..at + 9].copy_from_slice(&number.to_le_bytes());
        bytes[at + 9] = 0xff;
        let reason = read_bytes(bytes).unwrap_err();
        assert!(reason.contains("part of itself"), "{reason}");
    }

    /// Where a byte of the file is in the stream of strings.
    fn place_in_strings(file: &[u8], at: usize) -> u64 {
        let (mut start, mut before) = (8, 0);
        loop {
            let length = u32::from_le_bytes(file[start + 1..start + 5].try_into().unwrap());
            let page = start + 5..start + 5 + length as usize;
            if page.contains(&at) {
                return (before + at - page.start) as u64;
            }
            if file[start] == 1 {
                before += length as usize;
            }
            start = page.end;
        }
    }

    #[test]
    fn a_folder_without_a_profile_says_what_that_means() {
        let folder = tempfile::tempdir().unwrap();
        let error = only_profile(folder.path()).unwrap_err().to_string();
        assert!(error.contains("-Zself-profile"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_damaged_profile_is_an_error_or_an_answer_and_never_a_panic(
            place in 0.0..1.0, byte: u8, keep in 0.0..=1.0
        ) {
            let folder = tempfile::tempdir().unwrap();
            let raw = written(folder.path());
            let mut bytes = std::fs::read(&raw).unwrap();
            let at = (bytes.len() as f64 * place) as usize;
            bytes[at] = byte;
            bytes.truncate((bytes.len() as f64 * keep) as usize);
            std::fs::write(&raw, bytes).unwrap();
            let _ = read(&raw);
            let _ = stacks(&raw);
        }
    }
}
