//! `jobs/{id}/log`: what a collector noted while it worked on a job.

use std::io::Read;

use shared_types::api::Problem;
use shared_types::ids::Attempt;
use shared_types::{JobId, ObjectKey};

use super::jobs::attempts_with_log;
use super::parameters::{Parameters, parse_named};
use super::problem;
use super::response::Success;
use crate::Context;

/// The most of a log that is shown, in bytes, from its beginning.
const LOG_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The log of the attempt that is asked for, else of the newest that left one.
pub(super) async fn show(
    context: &Context,
    id: &str,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let id: JobId = parse_named("the job in the path", id)?;
    let index = &context.store.index;
    let job = index.job(id).await.map_err(problem::of_store)?;
    let job = job.ok_or_else(|| problem::not_found(format!("there is no job `{id}`")))?;
    let attempts = match parameters.optional::<u32>("attempt")? {
        Some(attempt) => vec![Attempt(attempt)],
        None => {
            let left = attempts_with_log(context, job.id).await?;
            left.into_iter().rev().collect()
        }
    };
    for attempt in attempts {
        let key = ObjectKey::Log { job: id, attempt };
        let stored = context.store.objects.get(&key).await;
        if let Some((bytes, _)) = stored.map_err(problem::of_store)? {
            let text = decompress(&bytes).map_err(|error| {
                problem::bug(format!("the log {key} cannot be decompressed: {error}"))
            })?;
            return Ok(Success::of_bytes(200, "text/plain; charset=utf-8", text));
        }
    }
    Err(problem::not_found(format!(
        "there is no such log of the job {id}: a collector stores it when an attempt ends, and one \
         that was killed leaves none"
    )))
}

fn decompress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    zstd::stream::read::Decoder::new(bytes)?
        .take(LOG_BYTES_MAX)
        .read_to_end(&mut text)?;
    // What a program printed need not be text, and half a character may be at the end.
    Ok(String::from_utf8_lossy(&text).into_owned().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_shown_as_far_as_it_is() {
        let stored = zstd::encode_all(&b"one\n\xff\n"[..], 3).unwrap();
        let text = String::from_utf8(decompress(&stored).unwrap()).unwrap();
        assert_eq!(text, "one\n\u{fffd}\n");
        assert!(decompress(b"not compressed").is_err());
    }
}
