use proptest::prelude::*;

use super::*;

const PRINTLN: &str = "\
--- a/src/lib.rs
+++ b/src/lib.rs
@@ -1,3 +1,4 @@
 pub fn one() -> u32 {
+    println!();
     1
 }
";

const OTHER_FILE: &str = "\
--- a/src/other.rs
+++ b/src/other.rs
@@ -1 +1,2 @@
+
 pub fn other() {}
";

fn patch(text: &str) -> Patch {
    Patch {
        name: "println".parse().unwrap(),
        text: text.to_owned(),
    }
}

/// A crate with two files.
fn example_crate() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(
        folder.path().join("src/lib.rs"),
        "pub fn one() -> u32 {\n    1\n}\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("src/other.rs"), "pub fn other() {}\n").unwrap();
    folder
}

fn library(folder: &tempfile::TempDir) -> String {
    std::fs::read_to_string(folder.path().join("src/lib.rs")).unwrap()
}

/// Applies a patch that must be refused, and returns the reason; nothing may have changed.
fn refusal(text: &str) -> String {
    let folder = example_crate();
    let before = library(&folder);
    let error = apply_patch(&patch(text), folder.path()).unwrap_err();
    assert_eq!(library(&folder), before);
    error.to_string()
}

#[test]
fn a_patch_changes_every_file_that_it_names() {
    let folder = example_crate();
    apply_patch(&patch(&format!("{PRINTLN}{OTHER_FILE}")), folder.path()).unwrap();
    assert!(library(&folder).contains("    println!();\n    1\n"));
    let other = std::fs::read_to_string(folder.path().join("src/other.rs")).unwrap();
    assert_eq!(other, "\npub fn other() {}\n");
}

#[test]
fn a_patch_that_fits_in_part_changes_nothing() {
    let stale = OTHER_FILE.replace("pub fn other() {}", "pub fn quite_another() {}");
    let refusal = refusal(&format!("{PRINTLN}{stale}"));
    assert!(
        refusal.contains("other.rs") && refusal.contains("make it anew"),
        "{refusal}"
    );
}

#[test]
fn a_patch_stays_inside_its_crate_and_changes_existing_files_only() {
    for (old, new, reason) in [
        ("/src/lib.rs", "/../escape.rs", "outside the crate"),
        ("/src/lib.rs", "//etc/escape.rs", "outside the crate"),
        ("a/src/lib.rs", "/dev/null", "creates, removes or renames"),
        ("b/src/lib.rs", "/dev/null", "creates, removes or renames"),
    ] {
        let refusal = refusal(&PRINTLN.replace(old, new));
        assert!(refusal.contains(reason), "{refusal}");
    }
}

#[test]
fn a_patch_must_change_something() {
    for no_diff in ["", "only words\n"] {
        assert!(refusal(no_diff).contains("no valid patches found"));
    }
    let unchanged = PRINTLN
        .replace("+    println!();\n", "")
        .replace("+1,4", "+1,3");
    assert!(refusal(&unchanged).contains("it changes nothing"));
    assert!(refusal(&format!("{PRINTLN}{PRINTLN}")).contains("names this file twice"));
}

proptest! {
    #[test]
    fn no_text_makes_the_patcher_panic(at in 0..PRINTLN.len(), junk in "\\PC{0,8}|[-+@ 0-9,\n]{0,9}") {
        let folder = example_crate();
        let damaged = format!("{}{junk}{}", &PRINTLN[..at], &PRINTLN[at + 1..]);
        let before = library(&folder);
        if apply_patch(&patch(&damaged), folder.path()).is_err() {
            prop_assert_eq!(library(&folder), before);
        }
    }
}
