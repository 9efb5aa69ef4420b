//! The log of an attempt that left no result.

use std::time::Duration;

use shared_types::ObjectKey;
use store::Objects;

/// How hard logs are compressed.
const COMPRESSION_LEVEL: i32 = 9;

/// A collector that is to stop, or whose network is gone, does not wait for longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stores what was noted of an attempt, with how it ended as the last line. Tried once: a log is worth
/// less than the next job.
///
/// # Errors
/// Says why it could not be stored.
pub(super) async fn keep(
    objects: &dyn Objects,
    key: &ObjectKey,
    log: &str,
    end: &str,
) -> Result<(), String> {
    let text = format!("{log}{end}\n");
    let compressed =
        zstd::encode_all(text.as_bytes(), COMPRESSION_LEVEL).map_err(|error| error.to_string())?;
    match tokio::time::timeout(PATIENCE, objects.put_once(key, &compressed)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!(
            "the store did not answer in {} s",
            PATIENCE.as_secs()
        )),
    }
}
