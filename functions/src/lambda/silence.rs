//! How long each collector has been silent, as a metric for an alarm: a line of the log in the
//! Embedded Metric Format of CloudWatch, which needs no call and no right.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared_types::collector::CollectorRecord;

use super::settings::ENVIRONMENT_VARIABLE;
use crate::{Context, FunctionsError};

/// Tells of every collector that is not draining.
pub(super) async fn tell(context: &Context) -> Result<(), FunctionsError> {
    let environment = std::env::var(ENVIRONMENT_VARIABLE).unwrap_or_default();
    let now = context.now();
    for collector in context.store.index.collectors().await? {
        if !collector.draining {
            println!("{}", metric(&environment, &collector, now));
        }
    }
    Ok(())
}

fn metric(environment: &str, collector: &CollectorRecord, now: Timestamp) -> Value {
    let silent = now.duration_since(collector.last_seen_at).as_secs().max(0);
    json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Perfleet",
                "Dimensions": [["environment", "collector"]],
                "Metrics": [{ "Name": "CollectorSilentSeconds", "Unit": "Seconds" }],
            }],
        },
        "environment": environment,
        "collector": collector.report.collector,
        "CollectorSilentSeconds": silent,
    })
}

#[cfg(test)]
mod tests {
    use shared_types::events::CollectorReport;
    use shared_types::host::HostFacts;
    use shared_types::object_key::ContentHash;

    use super::*;

    #[test]
    fn the_seconds_of_silence_are_told_in_the_shape_that_cloudwatch_reads() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let collector = CollectorRecord {
            report: CollectorReport {
                collector: "zen4-a".to_owned(),
                version: "0.1.0".to_owned(),
                configurations: Vec::new(),
                host: HostFacts::named("host-a", "x86_64-unknown-linux-gnu"),
                metrics: Vec::new(),
                suite: ContentHash::of(b"a suite"),
                job: None,
            },
            first_seen_at: at(0),
            last_seen_at: at(1000),
            draining: false,
        };
        let told = metric("staging", &collector, at(1090));
        assert_eq!(told["CollectorSilentSeconds"], 90);
        let dimensions = &told["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0];
        for dimension in dimensions.as_array().unwrap() {
            assert!(told[dimension.as_str().unwrap()].is_string());
        }
        // A clock that is ahead makes no silence of less than nothing.
        assert_eq!(
            metric("staging", &collector, at(10))["CollectorSilentSeconds"],
            0
        );
    }
}
