//! How large the parts of a toolchain are.

use std::collections::BTreeMap;
use std::path::Path;

use crate::CollectorError;

/// The sizes of a toolchain's components, in bytes, by name: those that it has. Of a component in
/// several files it is their sum; a link to another file is none.
///
/// # Errors
/// When a folder is there and cannot be listed.
pub(super) fn component_sizes(
    sysroot: &Path,
    host: &str,
) -> Result<BTreeMap<&'static str, u64>, CollectorError> {
    let of_host = format!("lib/rustlib/{host}/lib");
    let mut sizes = BTreeMap::new();
    for folder in ["bin", "lib", &of_host] {
        for (file, bytes) in files_in(&sysroot.join(folder))? {
            let is_of_host = folder == of_host;
            if let Some(component) = component_of(folder, &file, is_of_host) {
                *sizes.entry(component).or_insert(0) += bytes;
            }
        }
    }
    Ok(sizes)
}

/// The component that a file is of. The standard library that programs are linked with lies in the
/// folder of the host; the compiler's own copy, where there is one, is not counted twice.
fn component_of(folder: &str, file: &str, is_of_host: bool) -> Option<&'static str> {
    let stem = file.strip_suffix(".exe").unwrap_or(file);
    if folder == "bin" {
        // On Windows libraries lie beside the programs.
        let programs = ["cargo", "rustc", "rustdoc"];
        let program = programs.into_iter().find(|program| *program == stem);
        return program.or_else(|| library_of_compiler(file));
    }
    match is_of_host {
        false => library_of_compiler(file),
        true if file.starts_with("libstd-") || file.starts_with("std-") => Some("libstd"),
        true => None,
    }
}

fn library_of_compiler(file: &str) -> Option<&'static str> {
    let is_dynamic = [".so", ".dll", ".dylib"]
        .iter()
        .any(|ending| file.ends_with(ending) || file.contains(&format!("{ending}.")));
    let name = file.strip_prefix("lib").unwrap_or(file);
    match is_dynamic {
        true if name.starts_with("rustc_driver") => Some("librustc_driver"),
        true if name.starts_with("LLVM") => Some("libLLVM"),
        _ => None,
    }
}

/// The plain files in a folder with their sizes; none where there is no folder.
fn files_in(folder: &Path) -> Result<Vec<(String, u64)>, CollectorError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CollectorError::io("list the folder", folder)(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(CollectorError::io("list the folder", folder))?;
        let path = entry.path();
        let metadata =
            std::fs::symlink_metadata(&path).map_err(CollectorError::io("look at", &path))?;
        if metadata.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push((name, metadata.len()));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_there_has_a_size_and_a_link_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: usize| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, vec![0; bytes]).unwrap();
        };
        write("bin/rustc", 3);
        write("bin/rust-gdb", 100);
        write("lib/librustc_driver-0a1b.so", 5);
        write("lib/libLLVM.so.21.1-rust-1.95.0-stable", 7);
        write("lib/libstd-1.so", 1_000);
        write("lib/rustlib/this-host/lib/libstd-1.rlib", 11);
        write("lib/rustlib/this-host/lib/libstd-1.so", 13);
        write("lib/rustlib/this-host/lib/libcore-1.rlib", 1_000);
        write("lib/rustlib/another-host/lib/libstd-1.rlib", 1_000);
        #[cfg(unix)]
        std::os::unix::fs::symlink(
            "libLLVM.so.21.1-rust-1.95.0-stable",
            folder.path().join("lib/libLLVM-21.so"),
        )
        .unwrap();
        let sizes = component_sizes(folder.path(), "this-host").unwrap();
        let expected = [
            ("libLLVM", 7),
            ("librustc_driver", 5),
            ("libstd", 24),
            ("rustc", 3),
        ];
        assert_eq!(sizes, BTreeMap::from(expected));
        let nothing = component_sizes(&folder.path().join("nothing"), "this-host").unwrap();
        assert!(nothing.is_empty());
    }

    #[test]
    fn programs_and_libraries_of_other_systems_are_known() {
        assert_eq!(component_of("bin", "cargo.exe", false), Some("cargo"));
        assert_eq!(
            component_of("bin", "rustc_driver-1f.dll", false),
            Some("librustc_driver")
        );
        assert_eq!(component_of("lib", "libLLVM.dylib", false), Some("libLLVM"));
        assert_eq!(component_of("lib", "libLLVM.a", false), None);
        assert_eq!(component_of("bin", "cargo-clippy", false), None);
    }
}
