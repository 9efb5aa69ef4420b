//! The scripts of an emulated toolchain: what starts its compiler in QEMU, and what links for it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::Error;

/// Where Debian's cross compiler has the libraries of ARM, among them the loader.
const SYSTEM: &str = "/usr/aarch64-linux-gnu";

/// Writes the programs of the toolchain `folder`, whose compiler for ARM is in `lib/toolchain`: that
/// compiler emulated, and the cargo of `native`. `library` is what it needs beside the cross
/// compiler's.
pub(super) fn write(folder: &Path, native: &Path, library: &Path) -> Result<(), Error> {
    let (bin, lib) = (folder.join("bin"), folder.join("lib"));
    std::fs::create_dir_all(&bin).map_err(Error::file("create", &bin))?;
    let copy = lib.join(library.file_name().unwrap_or_default());
    std::fs::copy(library, &copy).map_err(Error::file("copy", library))?;
    write_script(&bin.join("linker"), &linker_script())?;
    let linker = format!(" -Clinker={}", quoted(&bin.join("linker")));
    for (program, options) in [("rustc", linker.as_str()), ("rustdoc", "")] {
        let real = lib.join("toolchain/bin").join(program);
        let script = compiler_script(&real, &lib, options);
        write_script(&bin.join(program), &script)?;
    }
    copy_program(&native.join("bin/cargo"), &bin.join("cargo"))
}

/// Copies a program, unless it is there. A link would lead out of the folder, which is all that a
/// confined program sees of its toolchain.
fn copy_program(original: &Path, copy: &Path) -> Result<(), Error> {
    let bytes = |path: &Path| path.symlink_metadata().ok().map(|found| found.len());
    if bytes(copy) == bytes(original) {
        return Ok(());
    }
    let partial = copy.with_extension("partial");
    std::fs::copy(original, &partial).map_err(Error::file("copy", original))?;
    std::fs::rename(&partial, copy).map_err(Error::file("write", copy))
}

/// Starts a compiler in QEMU. Where its instructions are to be counted, the collector says so by the
/// variables that QEMU reads.
fn compiler_script(program: &Path, libraries: &Path, options: &str) -> String {
    format!(
        "#!/bin/sh\nexec qemu-aarch64 -L {SYSTEM} -E LD_LIBRARY_PATH={} {}{options} \"$@\"\n",
        quoted(libraries),
        quoted(program)
    )
}

/// Links by the cross compiler, which is this machine's own program. A build script becomes a script
/// that starts it in QEMU, so that cargo can start it although the kernel cannot.
fn linker_script() -> String {
    format!(
        "#!/bin/sh\n\
         unset LD_LIBRARY_PATH QEMU_PLUGIN QEMU_RAND_SEED\n\
         output= previous=\n\
         for argument; do\n\
         \x20   [ \"$previous\" = -o ] && output=$argument\n\
         \x20   previous=$argument\n\
         done\n\
         aarch64-linux-gnu-gcc \"$@\" || exit\n\
         case ${{output##*/}} in\n\
         build_script_*)\n\
         \x20   mv \"$output\" \"$output.program\" || exit\n\
         \x20   printf '#!/bin/sh\\nexec qemu-aarch64 -L {SYSTEM} \"%s\" \"$@\"\\n' \\\n\
         \x20       \"$output.program\" > \"$output\" || exit\n\
         \x20   chmod 755 \"$output\" ;;\n\
         esac\n"
    )
}

/// A path as the shell takes it for one word.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// Puts a script in its place at once, since a compiler may just be started by it.
fn write_script(path: &Path, text: &str) -> Result<(), Error> {
    let partial = path.with_extension("partial");
    std::fs::write(&partial, text).map_err(Error::file("write", &partial))?;
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&partial, executable).map_err(Error::file("change", &partial))?;
    std::fs::rename(&partial, path).map_err(Error::file("write", path))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::command;

    /// A folder with stand-ins for the emulator and the linker, and a PATH that finds them.
    fn stand_ins(folder: &Path, emulator: &str, linker: &str) -> std::ffi::OsString {
        write_script(&folder.join("qemu-aarch64"), emulator).unwrap();
        write_script(&folder.join("aarch64-linux-gnu-gcc"), linker).unwrap();
        command::path_with(&[folder.to_owned()])
    }

    #[test]
    fn the_compiler_is_started_in_the_emulator_with_its_linker_and_what_it_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = stand_ins(folder.path(), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", "");
        let script = folder.path().join("rustc");
        let text = compiler_script("it's/rustc".as_ref(), "my lib".as_ref(), " -Clinker='x y'");
        write_script(&script, &text).unwrap();
        let said = command::capture(
            Command::new(script)
                .args(["--crate-name", "a b"])
                .env("PATH", path),
        );
        let expected = format!(
            "-L\n{SYSTEM}\n-E\nLD_LIBRARY_PATH=my lib\nit's/rustc\n-Clinker=x y\n--crate-name\na b\n"
        );
        assert_eq!(said.unwrap(), expected);
    }

    #[test]
    fn a_build_script_is_started_in_the_emulator_and_other_programs_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let gcc = "#!/bin/sh\nprintf program > \"$2\"\n";
        let path = stand_ins(folder.path(), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", gcc);
        let linker = folder.path().join("linker");
        write_script(&linker, &linker_script()).unwrap();
        let link = |name: &str| {
            let output = folder.path().join(name);
            let mut command = Command::new(&linker);
            command::capture(command.arg("-o").arg(&output).env("PATH", &path)).unwrap();
            output
        };
        let plain = link("ripgrep-1a2b");
        assert_eq!(std::fs::read_to_string(plain).unwrap(), "program");
        let script = link("build_script_build-1a2b");
        let said = command::capture(Command::new(&script).arg("x").env("PATH", &path)).unwrap();
        let program = format!("{}.program", script.display());
        assert_eq!(said, format!("-L\n{SYSTEM}\n{program}\nx\n"));
        assert_eq!(std::fs::read_to_string(program).unwrap(), "program");
    }

    #[test]
    fn a_linker_that_fails_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = stand_ins(folder.path(), "", "#!/bin/sh\nexit 3\n");
        let linker = folder.path().join("linker");
        write_script(&linker, &linker_script()).unwrap();
        let mut command = Command::new(linker);
        assert!(!command::succeeds(
            command.args(["-o", "build_script_x"]).env("PATH", path)
        ));
    }
}
