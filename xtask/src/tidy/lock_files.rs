//! Lock files name versions and checksums, not the server that they were downloaded from.

use super::Violation;
use super::tree::TextFile;

const CRATES_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check(files: &[TextFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        let is_wrong: fn(&str) -> bool = match file.name() {
            "Cargo.lock" => |line| line.starts_with("source = ") && !line.contains(CRATES_REGISTRY),
            "package-lock.json" => |line| line.trim_start().starts_with("\"resolved\":"),
            _ => continue,
        };
        for (index, _) in file
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| is_wrong(line))
        {
            let message = "names a download server of its own: lock against the public registry";
            violations.push(Violation::at_line(file, index, message));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_in_a_lock_file_is_found() {
        let cargo = format!(
            "[[package]]\nsource = \"{CRATES_REGISTRY}\"\n[[package]]\n\
             source = \"registry+https://mirror.example/index\"\n"
        );
        let npm = "{\n  \"resolved\": \"https://mirror.example/uplot.tgz\"\n}\n";
        let files = [
            TextFile::new("Cargo.lock", &cargo),
            TextFile::new("frontend/package-lock.json", npm),
            TextFile::new("docs/notes.md", npm),
        ];
        let places: Vec<String> = check(&files).into_iter().map(|found| found.place).collect();
        assert_eq!(places, ["Cargo.lock:4", "frontend/package-lock.json:2"]);
    }
}
