//! The alarms, and what the runbook says of each.

use std::collections::BTreeSet;

use crate::terraform_files::{attribute, block, folder, resources, text, written};

const RUNBOOK: &str = "docs/runbook.md";

/// Where the address of a heading leads, as GitHub makes it.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            'a'..='z' | '0'..='9' | '-' => Some(letter),
            _ => None,
        })
        .collect()
}

fn named_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("docs/runbook.md#").skip(1) {
        let anchor = rest
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-');
        found.push(anchor.collect());
    }
    found
}

fn sections() -> BTreeSet<String> {
    let runbook = text(RUNBOOK);
    let (_, alarms) = runbook.split_once("\n## Alarms\n").unwrap();
    let (alarms, _) = alarms.split_once("\n## ").unwrap();
    alarms
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(anchor)
        .collect()
}

#[test]
fn every_alarm_names_a_section_of_the_runbook_and_every_section_has_its_alarm() {
    let mut named: BTreeSet<String> = BTreeSet::new();
    for module in ["modules/fleet", "modules/function"] {
        for alarm in resources(&folder(module), "aws_cloudwatch_metric_alarm") {
            let description = written(attribute(alarm, "alarm_description"));
            let sections = named_in(&description);
            assert_eq!(sections.len(), 1, "{description}");
            named.extend(sections);
        }
    }
    named.extend(named_in(&text("infra/modules/fleet/budget.tf")));
    assert_eq!(named, sections());
}

#[test]
fn every_section_says_how_to_look_and_what_to_do() {
    let runbook = text(RUNBOOK);
    let (_, alarms) = runbook.split_once("\n## Alarms\n").unwrap();
    let (alarms, _) = alarms.split_once("\n## ").unwrap();
    for section in alarms.split("\n### ").skip(1) {
        for part in ["**Means.**", "**Look.**", "**Do.**"] {
            assert!(section.contains(part), "no {part} in: {section}");
        }
    }
}

#[test]
fn every_alarm_tells_somebody() {
    for module in ["modules/fleet", "modules/function"] {
        for alarm in resources(&folder(module), "aws_cloudwatch_metric_alarm") {
            let actions = written(attribute(alarm, "alarm_actions"));
            assert!(actions.ends_with("alarm_actions"), "{actions}");
        }
    }
}

#[test]
fn the_metric_of_silence_is_the_one_that_the_runbook_specifies() {
    let fleet = folder("modules/fleet");
    let alarm = block(
        &fleet,
        "resource",
        &["aws_cloudwatch_metric_alarm", "collector_silent"],
    );
    let namespace = written(attribute(alarm, "namespace"));
    let metric = written(attribute(alarm, "metric_name"));
    let runbook = text(RUNBOOK);
    let (_, example) = runbook.split_once("```json\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let line: serde_json::Value = serde_json::from_str(example).unwrap();
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"].to_string(), namespace);
    assert_eq!(directive["Metrics"][0]["Name"].to_string(), metric);
    assert!(line["CollectorSilentSeconds"].is_u64());
    let dimensions: Vec<&str> = directive["Dimensions"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(dimensions, ["environment", "collector"]);
    let of_alarm = written(attribute(alarm, "dimensions"));
    for dimension in dimensions {
        assert!(of_alarm.contains(dimension), "{of_alarm}");
        assert!(line[dimension].is_string(), "{dimension}");
    }
}
