//! What a confined build or compilation may reach: its toolchain, cargo's crates, its own sources,
//! and the folders that it writes.

use std::path::{Path, PathBuf};

use crate::execution::Access;
use crate::toolchain::{Rustup, Toolchain};

/// Cargo's configuration files. The one without an ending is of older versions.
const CONFIGURATIONS: [&str; 2] = ["config.toml", "config"];

/// The crates that cargo has fetched, and its configuration, which may say that they come from
/// somewhere else. Its credentials lie beside and are not among them.
const OF_CARGO: [&str; 2] = ["registry", "git"];

/// What a toolchain and cargo's crates need to be read.
pub(super) fn compiling(toolchain: &Toolchain) -> Access {
    let rustup = Rustup::from_environment(|name| std::env::var_os(name));
    let mut readable = toolchain.readable();
    readable.extend(of_cargo(rustup.cargo_home()));
    Access {
        readable,
        writable: Vec::new(),
    }
}

/// What of cargo's folder may be read.
fn of_cargo(cargo_home: &Path) -> Vec<PathBuf> {
    let shown = |name: &&&str| {
        let text = std::fs::read_to_string(cargo_home.join(name));
        text.is_ok_and(|text| !may_hold_secret(&text))
    };
    OF_CARGO
        .iter()
        .chain(CONFIGURATIONS.iter().filter(shown))
        .map(|name| cargo_home.join(name))
        .collect()
}

/// Whether a configuration of cargo may hold a secret: then it is not shown, and sources that it
/// names are not found.
fn may_hold_secret(configuration: &str) -> bool {
    fn in_value(key: &str, value: &toml::Value) -> bool {
        match value {
            toml::Value::Table(table) => table.iter().any(|(key, value)| in_value(key, value)),
            toml::Value::Array(values) => values.iter().any(|value| in_value(key, value)),
            // A user's name and password may stand in an address, before the host.
            toml::Value::String(text) => {
                crate::execution::may_be_secret(key.as_ref())
                    || key == "secret-key"
                    || (text.contains("://") && text.contains('@'))
            }
            _ => false,
        }
    }
    // What cannot be read as a configuration may be anything.
    configuration.parse::<toml::Table>().map_or(true, |table| {
        table.iter().any(|(key, value)| in_value(key, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_no_secret_and_a_token_or_a_password_is() {
        let mirror = "[source.crates-io]\nreplace-with = \"ours\"\n\
                      [source.ours]\nregistry = \"sparse+https://mirror.example.org/\"\n";
        assert!(!may_hold_secret(mirror));
        assert!(!may_hold_secret(""));
        for secret in [
            "[registries.ours]\ntoken = \"abc\"",
            "[registries.ours]\nsecret-key = \"abc\"",
            "[http]\nproxy = \"http://me:password@proxy:3128\"",
            "[env]\nAPI_KEY = \"x\"",
            "not a configuration",
        ] {
            assert!(may_hold_secret(secret), "{secret}");
        }
    }

    #[test]
    fn credentials_lie_beside_what_is_shown() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), "[build]\njobs = 2\n").unwrap();
        std::fs::write(home.path().join("credentials.toml"), "").unwrap();
        let names = of_cargo(home.path());
        let names: Vec<_> = names.iter().filter_map(|path| path.file_name()).collect();
        assert_eq!(names, ["registry", "git", "config.toml"]);
    }
}
