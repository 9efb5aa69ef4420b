//! Files that a person brings along: the policy, measurements made elsewhere, series.

use analysis::change_points::{SEGMENT_VALUES_MIN, TIP_VALUES_MIN, change_points};
use analysis::policy::Policy;
use functions::command_line::detect::read_series;
use functions::{import, result_objects};
use shared_types::{Category, MetricName, Tier};

use crate::{assert_says_why, texts};

/// A policy that is accepted has limits between nothing and everything, whatever is asked of it.
pub(crate) fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(refusal) => return assert_says_why(&refusal),
    };
    assert!(!policy.decides.is_empty());
    let metrics: Vec<MetricName> = policy
        .metrics
        .iter()
        .cloned()
        .chain(
            policy
                .limits
                .iter()
                .filter_map(|limit| limit.metric.clone()),
        )
        .collect();
    for metric in metrics {
        for category in Category::ALL {
            assert!((0.0..=1.0).contains(&policy.limit(&metric, *category)));
        }
    }
    for (configuration, tier) in &policy.tiers {
        assert_eq!(policy.tier(configuration, Tier::Experimental), *tier);
    }
}

pub(crate) fn policy_seeds() -> Vec<Vec<u8>> {
    texts([
        "version = 1\n",
        "version = 1\ndecides = \"the compiler team\"\nmetrics = [\"instructions:u\"]\n\n[tiers]\n\"x86_64-llvm-t1\" = \"advisory\"\n\n[[limits]]\nmetric = \"wall-time\"\ncategory = \"secondary\"\nsmallest_change = 0.05\n\n[[limits]]\nsmallest_change = 1e-3\n",
    ])
}

/// A result that is made of a file is one that ingest takes.
pub(crate) fn csv_import(bytes: &[u8]) {
    let (documents, bad_rows) = match import::results_of_csv(bytes) {
        Ok(read) => read,
        Err(refusal) => return assert_says_why(&refusal),
    };
    let rows = bytes
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
        .count() as u64;
    // A compressed file has more lines than its bytes show.
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        assert!(bad_rows + documents.len() as u64 <= rows + 1);
    }
    for document in documents {
        let key = result_objects::key_of(&document);
        let object = result_objects::encode(&document).unwrap();
        assert_eq!(
            result_objects::decode(&key, &object).as_ref(),
            Ok(&document)
        );
        assert!(!document.measurements.is_empty());
    }
}

pub(crate) fn csv_import_seeds() -> Vec<Vec<u8>> {
    let plain = texts([
        "measured_at_unix,sha,configuration,benchmark,main_order,cycles,wall-time\n1700000000,abababababababababababababababababababab,stage1-O3,7zip,5,12.5,0.25\n1700000001,abababababababababababababababababababab,stage1-O3,7zip,5,,0.5\n1,cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd,stage1-O3,\"sqlite3, link\",,1e3,NaN\n",
        "date,sha,benchmark,patch,total_pass_seconds,max_pass_rss_mb\n2017-01-13T07:24:53Z,abababababababababababababababababababab,syntex-0.42.2,@010-incr,1.5,300\n2017-01-14T07:24:53Z,cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd,syntex-0.42.2,,1.25,-0\n",
    ]);
    let compressed = plain.iter().map(|file| {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(file).unwrap();
        encoder.finish().unwrap()
    });
    let compressed: Vec<_> = compressed.collect();
    plain.into_iter().chain(compressed).collect()
}

/// Change points are places of the series, in order, never the first, each with a whole level of
/// values behind it.
pub(crate) fn detect_input(bytes: &[u8]) {
    let series = match read_series(bytes) {
        Ok(series) => series,
        Err(refusal) => return assert_says_why(&refusal),
    };
    for one in series {
        let gap = |value: &Option<f64>| value.unwrap_or(f64::NAN);
        let values: Vec<f64> = one.values.iter().map(gap).collect();
        assert!(
            values
                .iter()
                .all(|value| value.is_nan() || value.is_finite())
        );
        let found = change_points(&values);
        assert!(found.windows(2).all(|pair| pair[0] < pair[1]), "{found:?}");
        for place in found {
            assert!(place >= SEGMENT_VALUES_MIN && values[place].is_finite());
            assert!(place + TIP_VALUES_MIN <= values.len());
        }
    }
}

pub(crate) fn detect_input_seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"series":[{"name":"a","values":[1,1,1,1,2,2,2,2]},{"name":"b","values":[0,null,-1e308,1e308,5e-324,3,3,3,3]}]}"#,
        "series,value\na,1\na,1\na,1\nb,0\na,2\na,2\na,2\nb,-0.5\nb,\nb,1e300\nb,2\nb,2\nb,2\n",
    ])
}
