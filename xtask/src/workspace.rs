//! Where things are: the checkout, and the folder that outlives it.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// The checkout that this program was built from, and the user's cache folder.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    cache: PathBuf,
}

impl Workspace {
    /// Finds the checkout and the cache folder; creates the latter.
    pub(crate) fn locate() -> Result<Self, Error> {
        // `cargo run` sets it, so that a checkout that was moved after the build is still found.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().unwrap_or(&manifest).to_owned();
        let cache = cache_folder(|name| std::env::var_os(name).map(PathBuf::from))?;
        std::fs::create_dir_all(&cache).map_err(Error::file("create", &cache))?;
        Ok(Self { root, cache })
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the page's sources.
    pub(crate) fn frontend(&self) -> PathBuf {
        self.root.join("frontend")
    }

    /// Cargo's folder for what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.root.join("target"), |folder| self.root.join(folder))
    }

    /// The project's cache: tools and toolchains that every checkout shares.
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }
}

fn cache_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf, Error> {
    let set = |name: &str| variable(name).filter(|path| !path.as_os_str().is_empty());
    set("PERFLEET_CACHE_DIR")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("perfleet")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/perfleet")))
        .ok_or_else(|| Error::Missing {
            what: "a home for the cache".into(),
            remedy: "set PERFLEET_CACHE_DIR, XDG_CACHE_HOME or HOME".into(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        cache_folder(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| PathBuf::from(value))
        })
        .ok()
    }

    #[test]
    fn the_most_specific_variable_decides_where_the_cache_is() {
        let home = ("HOME", "/h");
        let xdg = ("XDG_CACHE_HOME", "/x");
        let own = ("PERFLEET_CACHE_DIR", "/p");
        assert_eq!(cache_with(&[home, xdg, own]), Some("/p".into()));
        assert_eq!(cache_with(&[home, xdg]), Some("/x/perfleet".into()));
        assert_eq!(
            cache_with(&[home, ("XDG_CACHE_HOME", "")]),
            Some("/h/.cache/perfleet".into())
        );
        assert_eq!(cache_with(&[]), None);
    }
}
