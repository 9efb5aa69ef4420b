//! What an object says of itself to whoever hands it out as it is: a CDN, which stands between no
//! function and a browser.

use shared_types::ObjectKey;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Browsers ask each time, and a CDN answers the crowd.
const SHORT: &str = "public, max-age=0, s-maxage=2, must-revalidate";
const JSON: &str = "application/json";
const ZSTD: &str = "application/zstd";

/// The headers of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Headers {
    pub(super) content_type: &'static str,
    pub(super) content_encoding: Option<&'static str>,
    pub(super) cache_control: &'static str,
}

/// The headers of what is stored under a key. `perfleet serve` hands out series with the same.
pub(super) fn of(key: &ObjectKey) -> Headers {
    let (content_type, content_encoding, cache_control) = match key {
        ObjectKey::SeriesManifest { .. } | ObjectKey::ShadowTable { .. } => (JSON, None, SHORT),
        ObjectKey::Policy => ("application/toml", None, SHORT),
        ObjectKey::Comment { .. } => ("text/markdown; charset=utf-8", None, SHORT),
        ObjectKey::SeriesBlock { .. } => (JSON, Some("gzip"), FOR_EVER),
        ObjectKey::Comparison { .. } | ObjectKey::Suite { .. } => (JSON, None, FOR_EVER),
        ObjectKey::SeriesChanges { .. } => (ZSTD, None, SHORT),
        // They are compressed files, and read as such.
        ObjectKey::Result { .. } | ObjectKey::Log { .. } | ObjectKey::SelfProfile { .. } => {
            (ZSTD, None, FOR_EVER)
        }
    };
    Headers {
        content_type,
        content_encoding,
        cache_control,
    }
}
