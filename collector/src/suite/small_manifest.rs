//! Reading the suite's manifests beside `suite.toml`.

use std::path::Path;

use serde::de::DeserializeOwned;
use shared_types::FormatVersion;

use crate::CollectorError;

/// The version of their formats that this program knows.
const VERSION: FormatVersion = FormatVersion::V1_0;

/// The text of a manifest, or `None` where the suite has none.
pub(super) fn read(path: &Path) -> Result<Option<String>, CollectorError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CollectorError::io("read", path)(error)),
    }
}

/// Reads a manifest. Keys that are not known are refused, unless it states a newer minor version,
/// which may have added them.
pub(super) fn parse<Manifest: DeserializeOwned>(text: &str) -> Result<Manifest, String> {
    let mut document: toml::Table = text.parse().map_err(|error| format!("{error}"))?;
    let stated = document.remove("format");
    let stated = stated.as_ref().and_then(toml::Value::as_str);
    let stated = stated.ok_or("it states no version: begin it with `format = \"1.0\"`")?;
    let stated: FormatVersion = stated.parse().map_err(|error| format!("{error}"))?;
    if !VERSION.reads(stated) {
        return Err(format!("it is of version {stated}, and {VERSION} is known"));
    }
    let mut unknown = Vec::new();
    let keep = |path: serde_ignored::Path<'_>| unknown.push(path.to_string());
    let manifest = serde_ignored::deserialize(toml::Value::Table(document), keep)
        .map_err(|error| error.to_string())?;
    if stated <= VERSION && !unknown.is_empty() {
        let keys = unknown.join("`, `");
        return Err(format!("it has keys that are not known: `{keys}`"));
    }
    Ok(manifest)
}

/// That a manifest cannot be used.
pub(super) fn refused(path: &Path, reason: &str) -> CollectorError {
    CollectorError::SuiteManifest {
        reason: format!("{}: {}", path.display(), reason.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused_unless_the_manifest_is_newer() {
        #[derive(Debug, serde::Deserialize)]
        struct Manifest {
            number: u32,
        }
        let read = |version: &str| {
            let text = format!("format = \"{version}\"\nnumber = 7\nnew = true\n");
            parse::<Manifest>(&text).map(|manifest| manifest.number)
        };
        assert!(read("1.0").is_err_and(|reason| reason.contains("`new`")));
        assert_eq!(read("1.1"), Ok(7));
        assert!(read("1.2").is_err());
    }
}
