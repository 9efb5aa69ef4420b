//! `docs/triage-policy.md` says in a table and in a file what the defaults of the policy are. All
//! three are to be the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::collections::BTreeMap;

use analysis::policy::Policy;

const DOCUMENT: &str = include_str!("../../docs/triage-policy.md");

/// The TOML files of the document, in order.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    let mut inside: Option<String> = None;
    for line in DOCUMENT.lines() {
        match (&mut inside, line) {
            (None, "```toml") => inside = Some(String::new()),
            (Some(_), "```") => files.extend(inside.take()),
            (Some(file), line) => {
                file.push_str(line);
                file.push('\n');
            }
            (None, _) => {}
        }
    }
    files
}

/// What the table says of each field of the file, as it is written.
fn table() -> BTreeMap<String, String> {
    let rows = DOCUMENT.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [_, field, value] = cells.as_slice() else {
            return None;
        };
        let field = field.strip_prefix('`')?.strip_suffix('`')?;
        let is_number = value.parse::<f64>().is_ok();
        is_number.then(|| (field.to_owned(), (*value).to_owned()))
    });
    rows.collect()
}

/// The fields of a file that are numbers, by their path.
fn numbers(file: &str) -> BTreeMap<String, String> {
    let document: toml::Table = file.parse().unwrap();
    let mut found = BTreeMap::new();
    let mut keep = |path: String, value: &toml::Value| {
        if matches!(value, toml::Value::Integer(_) | toml::Value::Float(_)) && path != "version" {
            found.insert(path, value.to_string());
        }
    };
    for (name, value) in &document {
        match value {
            toml::Value::Table(table) => {
                for (inner, value) in table {
                    keep(format!("{name}.{inner}"), value);
                }
            }
            value => keep(name.clone(), value),
        }
    }
    found
}

#[test]
fn the_file_in_the_document_is_the_default_policy() {
    let file = &files()[0];
    assert_eq!(Policy::parse(file).unwrap(), Policy::default());
    // Nothing of it is left out, so that whoever copies it sees all that people follow.
    for field in ["decides", "acknowledge_within_days", "fix_within_days"] {
        assert!(file.contains(&format!("{field} = ")), "{field}");
    }
}

#[test]
fn the_table_in_the_document_has_the_numbers_of_the_file_and_no_others() {
    let (table, numbers) = (table(), numbers(&files()[0]));
    assert_eq!(table, numbers);
    assert_eq!(table.len(), 8);
}

#[test]
fn the_numbers_of_the_document_are_those_of_the_defaults() {
    let policy = Policy::default();
    let (triage, gating) = (policy.triage, policy.gating);
    let defaults = [
        (
            "false_discovery_rate",
            policy.false_discovery_rate.to_string(),
        ),
        (
            "triage.acknowledge_within_days",
            triage.acknowledge_within_days.to_string(),
        ),
        ("triage.fix_within_days", triage.fix_within_days.to_string()),
        ("gating.days_measured", gating.days_measured.to_string()),
        ("gating.a_a_comparisons", gating.a_a_comparisons.to_string()),
        (
            "gating.largest_false_alarm_rate",
            gating.largest_false_alarm_rate.to_string(),
        ),
        ("gating.hosts", gating.hosts.to_string()),
        (
            "gating.largest_failed_share",
            gating.largest_failed_share.to_string(),
        ),
    ];
    let defaults = defaults.map(|(field, value)| (field.to_owned(), value));
    assert_eq!(table(), BTreeMap::from(defaults));
}

#[test]
fn the_text_names_the_same_days_as_the_table() {
    let deadlines = DOCUMENT.split("## Deadlines").nth(1).unwrap();
    let days = |field: &str| {
        let row = deadlines.lines().find(|line| line.contains(field)).unwrap();
        let written = row.split('|').nth(2).unwrap().trim();
        written.split(' ').next().unwrap().to_owned()
    };
    let triage = Policy::default().triage;
    assert_eq!(
        days("(`acknowledge_within_days`)"),
        triage.acknowledge_within_days.to_string()
    );
    assert_eq!(
        days("(`fix_within_days`)"),
        triage.fix_within_days.to_string()
    );
}

#[test]
fn the_example_of_owners_can_be_added_to_the_file() {
    let files = files();
    let both = format!("{}\n{}", files[0], files[1]);
    let owners = Policy::parse(&both).unwrap().triage.owners;
    assert_eq!(owners.len(), 2);
}
