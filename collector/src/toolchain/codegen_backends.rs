//! The code generators that a toolchain has beside the one that is built into it.

use std::path::Path;

/// Their names, sorted: `cranelift` where the folder `sysroot` of a toolchain for the target `host`
/// holds `librustc_codegen_cranelift-1.97.0-nightly.so`.
pub(super) fn codegen_backends(sysroot: &Path, host: &str) -> Vec<String> {
    let folder = sysroot
        .join("lib/rustlib")
        .join(host)
        .join("codegen-backends");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| name_in(entry.file_name().to_str()?).map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The name in that of a library. Windows has no `lib` before it.
fn name_in(file: &str) -> Option<&str> {
    let library = file.strip_prefix("lib").unwrap_or(file);
    let rest = library.strip_prefix("rustc_codegen_")?;
    let name = rest.split(['-', '.']).next()?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_generator_is_known_by_the_name_of_its_library() {
        let sysroot = tempfile::tempdir().unwrap();
        let folder = sysroot.path().join("lib/rustlib/a-b-c/codegen-backends");
        std::fs::create_dir_all(&folder).unwrap();
        for file in [
            "librustc_codegen_gcc.so",
            "librustc_codegen_cranelift-1.97.0-nightly.so",
            "rustc_codegen_cranelift.dll",
            "librustc_codegen_.so",
            "README.md",
        ] {
            std::fs::write(folder.join(file), "").unwrap();
        }
        assert_eq!(
            codegen_backends(sysroot.path(), "a-b-c"),
            ["cranelift", "gcc"]
        );
    }

    #[test]
    fn a_toolchain_without_the_folder_has_none() {
        let sysroot = tempfile::tempdir().unwrap();
        assert!(codegen_backends(sysroot.path(), "a-b-c").is_empty());
    }
}
