//! Files of toolchain sources, good and bad.

use proptest::prelude::*;

use super::*;

const FILE: &str = r#"
format = "1.0"

[[source]]
name = "our-ci"
builds = "commits"
url = "http://builds.example.org/{sha}/{component}-nightly-{target}.tar.gz"
checksum = "beside"
components = ["rustc", "rust-std", "rustc-dev"]
optional_components = ["clippy"]
std_targets = ["wasm32-unknown-unknown"]

[limits]
time_limit_s = 600
attempts_max = 3

[checksums.release-1_95]
"#;

fn good() -> String {
    FILE.replace(
        "[checksums.release-1_95]",
        &format!(
            "[checksums.\"release-1.95.0\"]\nrustc = \"{}\"",
            "a".repeat(64)
        ),
    )
}

proptest! {
    #[test]
    fn any_file_is_read_without_panic(
        text in "(format = \"1.0\"\n)?([\\[\\]a-z_.= \"{}:/-]{0,30}\n){0,6}"
    ) {
        let _ = Sources::parse(&text);
    }
}

#[test]
fn a_file_says_where_what_is_fetched_from() {
    let sources = Sources::parse(&good()).unwrap();
    let [source] = sources.sources.as_slice() else {
        panic!("one source");
    };
    assert_eq!(source.builds, BuildKind::Commits);
    assert!(source.checksum_beside && !source.url.is_https());
    assert_eq!(source.components[2].as_str(), "rustc-dev");
    assert_eq!(source.std_targets, ["wasm32-unknown-unknown"]);
    assert_eq!(sources.limits.time_max, Duration::from_secs(600));
    assert_eq!(sources.limits.pace.attempts_max, 3);
    assert_eq!(sources.limits.archive_bytes_max, ARCHIVE_BYTES_MAX);
    let release = "release-1.95.0".parse().unwrap();
    assert_eq!(sources.checksums[&release].len(), 1);
}

#[test]
fn what_cannot_be_meant_is_refused_with_where_it_stands() {
    for (right, wrong, reason) in [
        ("\"1.0\"", "\"2.0\"", "format version 2.0"),
        ("\"commits\"", "\"branches\"", "branches"),
        ("\"commits\"", "\"releases\"", "`{version}`"),
        (
            "{component}-nightly",
            "{version}-{component}",
            "`{version}`",
        ),
        ("{sha}/", "", "`{sha}`"),
        ("\"beside\"", "\"maybe\"", "maybe"),
        ("\"rust-std\", ", "", "lacks `rust-std`"),
        ("\"rust-std\"", "\"rust std\"", "`rust std`"),
        ("wasm32-unknown-unknown", "../etc", "../etc"),
        ("600", "60000", "time_limit_s"),
        ("attempts_max", "attempt_max", "attempt_max"),
        ("release-1.95.0", "1.95.0", "1.95.0"),
        ("\"aaaa", "\"zaaa", "SHA-256"),
    ] {
        let text = good().replacen(right, wrong, 1);
        assert_ne!(text, good(), "{right}");
        let refusal = Sources::parse(&text).unwrap_err();
        assert!(refusal.contains(reason), "{wrong}: {refusal}");
    }
}

#[test]
fn the_sources_of_the_rust_project_are_four_and_whole() {
    let sources = Sources::rust_lang().sources;
    let listed: Vec<String> = sources
        .iter()
        .map(|source| {
            let checksum = if source.checksum_beside {
                ", with checksum"
            } else {
                ""
            };
            format!("{}: {}{checksum}", source.name, source.url)
        })
        .collect();
    insta::assert_json_snapshot!(listed);
    for source in sources {
        let own = source.builds.placeholder();
        assert!(source.url.placeholders().any(|known| known == own));
    }
}
