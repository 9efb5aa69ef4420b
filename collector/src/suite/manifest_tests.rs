use proptest::prelude::*;

use super::*;

const ITOA: &str = r#"
[[benchmark]]
name = "itoa-1.0.19"
category = "primary"
artifact = "library"
registry.name = "itoa"
registry.version = "1.0.19"
registry.sha256 = "3bd1574e617a9a6c1f8f8181bd7e841e1f20e4277607ef28945765188d6284d4"
"#;

const STRESS: &str = r#"
[[benchmark]]
name = "deep-generics"
category = "secondary"
artifact = "library"
path = "stress/deep-generics"
"#;

fn manifest(format: &str, rest: &str) -> String {
    format!("format = \"{format}\"\n{rest}")
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// The refusal of the first benchmark with more lines of its own.
fn refusal_with(benchmark: &str, lines: &str) -> String {
    refusal(&manifest("1.0", &format!("{benchmark}{lines}\n")))
}

#[test]
fn a_benchmark_is_read_with_all_its_parts() {
    let text = manifest(
        "1.1",
        r#"
[[benchmark]]
name = "ripgrep-15.2.0"
category = "primary"
artifact = "binary"
binary = "rg"
registry.name = "ripgrep"
registry.version = "15.2.0"
registry.sha256 = "a30750b6d0743bfdd2656ebbaf4555aa278c43144b84bc389bcbfa399485ec71"
default-features = false
features = ["pcre2"]
patches = ["println", "rename"]
quick = true
demo = true
stable = true

[[benchmark.excluded]]
profile = "doc"
scenario = "incr-patched"
reason = "because"
"#,
    );
    let entries = parse(&text).unwrap();
    let [entry] = entries.as_slice() else {
        panic!("{} entries", entries.len());
    };
    assert_eq!(entry.name.as_str(), "ripgrep-15.2.0");
    assert_eq!(entry.category, Category::Primary);
    let target = "rg".to_owned();
    assert_eq!(entry.artifact, ArtifactKind::Binary { target });
    let EntrySource::Registry(registry) = &entry.source else {
        panic!("not from the registry");
    };
    assert_eq!(
        (registry.package.as_str(), registry.version.as_str()),
        ("ripgrep", "15.2.0")
    );
    assert!(!entry.default_features && entry.quick && entry.demo && entry.stable);
    assert_eq!(entry.features, ["pcre2"]);
    let patches: Vec<&str> = entry.patches.iter().map(PatchName::as_str).collect();
    assert_eq!(patches, ["println", "rename"]);
    assert_eq!(
        entry.exclusions[0].scenario,
        Some(ScenarioKind::IncrPatched)
    );
}

#[test]
fn another_major_version_is_refused_as_such() {
    // The rest would not be understood either, and must not be what is complained about.
    insta::assert_snapshot!(refusal(&manifest("2.0", "benchmarks = 7\n")), @"the suite's manifest has format version 2.0, and this program reads 1.0 to 1.2: use a collector and a suite of the same release");
    assert!(refusal(&manifest("1.3", "")).contains("1.3"));
    assert!(refusal(ITOA).contains("states no version"));
    assert!(refusal(&manifest("one", "")).contains("one"));
}

#[test]
fn the_next_minor_version_may_have_keys_of_its_own() {
    let newer = format!("{ITOA}weight = 3\n");
    assert_eq!(parse(&manifest("1.2", &newer)).unwrap().len(), 1);
}

#[test]
fn a_key_that_is_not_known_is_taken_for_a_typing_error() {
    let refusal = refusal_with(ITOA, "feature = [\"std\"]\nqick = true");
    assert!(
        refusal.contains("benchmark.0.feature`, `benchmark.0.qick"),
        "{refusal}"
    );
}

#[test]
fn a_name_stands_for_one_benchmark() {
    let refusal = refusal(&manifest("1.0", &format!("{ITOA}{STRESS}{ITOA}")));
    assert!(
        refusal.contains("`itoa-1.0.19` stands in it twice"),
        "{refusal}"
    );
}

#[test]
fn sources_are_either_a_crate_of_the_registry_or_a_folder_of_the_suite() {
    assert!(refusal_with(ITOA, "path = \"stress/itoa\"").contains("either"));
    let neither = STRESS.replace("path = \"stress/deep-generics\"", "");
    assert!(refusal_with(&neither, "").contains("either"));
    for outside in [
        "/stress/x",
        "../x",
        "stress/../../x",
        "",
        "stress//x",
        "stress/.",
    ] {
        let text = STRESS.replace("stress/deep-generics", outside);
        assert!(
            refusal_with(&text, "").contains("inside the suite"),
            "{outside}"
        );
    }
}

#[test]
fn a_crate_is_named_by_exact_version_and_full_checksum() {
    for version in ["1", "1.0", "^1.0.19", "1.0.*", "1.0.19 "] {
        let version = format!("registry.version = \"{version}\"");
        let text = ITOA.replace("registry.version = \"1.0.19\"", &version);
        assert!(
            refusal_with(&text, "").contains("exact version"),
            "{version}"
        );
    }
    for sha256 in [
        "3bd157",
        "3BD1574E617A9A6C1F8F8181BD7E841E1F20E4277607EF28945765188D6284D4",
    ] {
        let digits = "3bd1574e617a9a6c1f8f8181bd7e841e1f20e4277607ef28945765188d6284d4";
        assert!(
            refusal_with(&ITOA.replace(digits, sha256), "").contains("sha256"),
            "{sha256}"
        );
    }
    let text = ITOA.replace("registry.name = \"itoa\"", "registry.name = \"../itoa\"");
    assert!(refusal_with(&text, "").contains("not the name of a crate"));
}

#[test]
fn a_binary_benchmark_names_its_program_and_a_library_has_none() {
    let binary = ITOA.replace("library", "binary");
    assert!(refusal_with(&binary, "").contains("name its program"));
    assert!(refusal_with(&binary, "binary = \"--all\"").contains("name its program"));
    assert!(refusal_with(ITOA, "binary = \"itoa\"").contains("alone"));
}

#[test]
fn an_exclusion_says_what_and_why() {
    let excluded = |exclusion: &str| refusal_with(ITOA, &format!("excluded = [{{ {exclusion} }}]"));
    assert!(excluded("reason = \"slow\"").contains("a profile, a scenario, or both"));
    assert!(excluded("profile = \"doc\", reason = \" \"").contains("needs a reason"));
    assert!(excluded("profile = \"doc\"").contains("reason"));
    assert!(excluded("profile = \"fast\", reason = \"x\"").contains("fast"));
}

#[test]
fn a_patch_is_applied_once() {
    let refusal = refusal_with(ITOA, "patches = [\"println\", \"println\"]");
    assert!(refusal.contains("patches stands there twice"), "{refusal}");
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_damaged_manifest_makes_the_parser_panic(
        at in any::<prop::sample::Index>(),
        replacement in "[\"\\[\\]={}.,\na-z0-9/]{0,4}",
    ) {
        let whole = manifest("1.0", &format!("{ITOA}{STRESS}"));
        let at = at.index(whole.len());
        let damaged = format!("{}{replacement}{}", &whole[..at], &whole[at + 1..]);
        if let Ok(entries) = parse(&damaged) {
            for entry in entries {
                let EntrySource::Registry(registry) = entry.source else { continue };
                prop_assert_eq!(registry.sha256.len(), 64);
            }
        }
    }
}
