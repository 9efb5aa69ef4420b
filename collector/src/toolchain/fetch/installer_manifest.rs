//! The manifest of a component in an archive of rust-installer: which files are installed.

use std::path::{Component, Path, PathBuf};

/// The version of the layout that this program knows, as the file `rust-installer-version` states
/// it.
pub(super) const LAYOUT_VERSION: &str = "3";

/// The files and folders that a component installs, relative to the sysroot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InstallerManifest {
    pub(super) parts: Vec<InstalledPart>,
}

/// One line of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InstalledPart {
    /// `file:bin/rustc`.
    File(PathBuf),
    /// `dir:lib/rustlib/etc`: all that is in it.
    Folder(PathBuf),
}

impl InstallerManifest {
    /// Reads a `manifest.in`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let refused = |reason: &str| format!("line {number} (`{line}`) {reason}");
            let (kind, path) = line
                .split_once(':')
                .ok_or_else(|| refused("is neither `file:PATH` nor `dir:PATH`"))?;
            let path =
                plain_path(Path::new(path)).ok_or_else(|| refused("leads out of the sysroot"))?;
            parts.push(match kind {
                "file" => InstalledPart::File(path),
                "dir" => InstalledPart::Folder(path),
                _ => return Err(refused("is neither `file:PATH` nor `dir:PATH`")),
            });
        }
        if parts.is_empty() {
            return Err("it is empty".to_owned());
        }
        Ok(Self { parts })
    }
}

/// The names of the components in an archive, from its file `components`. Each is the name of a
/// folder.
pub(super) fn component_folders(text: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_folder = |name: &String| {
        let mut components = Path::new(name).components();
        !name.contains('\0')
            && components.next() == Some(Component::Normal(name.as_ref()))
            && components.next().is_none()
    };
    match names.iter().find(|name| !is_folder(name)) {
        Some(name) => Err(format!("`{name}` is not the name of a component")),
        None if names.is_empty() => Err("it is empty".to_owned()),
        None => Ok(names),
    }
}

/// A path that stays below where it begins, or `None` for one that does not, or leads nowhere.
pub(super) fn plain_path(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => plain.push(name),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => return None,
        }
    }
    let has_no_nul = !plain.as_os_str().as_encoded_bytes().contains(&0);
    (has_no_nul && plain != Path::new("")).then_some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_in_the_sysroot(
            text in "((file|dir|[a-z]{0,3}):(\\.\\.|/|\\.|[a-z]{1,4}){0,6}\n?){0,5}"
        ) {
            if let Ok(manifest) = InstallerManifest::parse(&text) {
                for part in manifest.parts {
                    let (InstalledPart::File(path) | InstalledPart::Folder(path)) = part;
                    prop_assert!(
                        path.components().all(|part| matches!(part, Component::Normal(_))),
                        "{:?}", path
                    );
                    prop_assert!(path.components().next().is_some());
                }
            }
        }

        #[test]
        fn each_line_becomes_one_part_in_its_order(
            lines in proptest::collection::vec(("file|dir", "[a-z]{1,5}(/[a-z0-9.]{0,3}[a-z]){0,3}"), 1..6)
        ) {
            let text: String = lines.iter().map(|(kind, path)| format!("{kind}:{path}\n")).collect();
            let expected: Vec<InstalledPart> = lines
                .into_iter()
                .map(|(kind, path)| match kind.as_str() {
                    "file" => InstalledPart::File(path.into()),
                    _ => InstalledPart::Folder(path.into()),
                })
                .collect();
            prop_assert_eq!(InstallerManifest::parse(&text).unwrap().parts, expected);
        }

        #[test]
        fn the_folder_of_a_component_is_never_elsewhere(text in "([a-z./-]{0,6}\n){0,3}") {
            for name in component_folders(&text).unwrap_or_default() {
                prop_assert!(!name.contains('/') && name != ".." && name != ".", "{}", name);
            }
        }
    }

    #[test]
    fn a_list_of_components_holds_names_of_folders_and_nothing_else() {
        assert_eq!(
            component_folders("rustc\ncargo\n").unwrap(),
            ["rustc", "cargo"]
        );
        for text in ["", "rustc/\n", "..\n", "a/b\n", "/\n", "rustc\n\n"] {
            assert!(component_folders(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_manifest_that_cannot_be_used_is_refused_with_its_line() {
        for (text, reason) in [
            ("", "it is empty"),
            ("file:bin/rustc\nlink:bin/x\n", "line 2"),
            ("bin/rustc\n", "line 1"),
            ("file:../outside\n", "leads out of the sysroot"),
            ("dir:/etc\n", "leads out of the sysroot"),
            ("file:\n", "leads out of the sysroot"),
        ] {
            let refusal = InstallerManifest::parse(text).unwrap_err();
            assert!(refusal.contains(reason), "{text:?}: {refusal}");
        }
    }
}
