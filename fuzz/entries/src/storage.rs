//! Objects as they are stored, compressed, and the events that tell of them.

use std::io::Write;

use analysis::SeriesHistory;
use analysis::series::{decode_block, encode_block};
use analysis::series_changes::Update;
use functions::result_objects;
use shared_types::ObjectKey;
use shared_types::events::{created_objects, object_created};
use shared_types::format::Versioned;
use shared_types::object_key::ContentHash;
use shared_types::result_document::ResultDocument;
use shared_types::series::{
    BlockReference, MetricBlocks, SeriesArtifact, SeriesBlock, SeriesColumns,
};

use crate::documents::golden;
use crate::{assert_says_why, texts};

/// The golden result belongs under this key, and no other result does.
fn golden_key() -> ObjectKey {
    let document = ResultDocument::from_json(golden!("result")).unwrap();
    result_objects::key_of(&document)
}

/// The bytes as they are, and as the content of a whole object.
pub(crate) fn result_object(bytes: &[u8]) {
    let compressed = zstd::bulk::compress(bytes, 1).unwrap();
    for object in [bytes, &compressed] {
        match result_objects::decode(&golden_key(), object) {
            Ok(document) => {
                let again = result_objects::encode(&document).unwrap();
                let again = result_objects::decode(&golden_key(), &again);
                assert_eq!(again.as_ref(), Ok(&document));
            }
            Err(refusal) => assert_says_why(&refusal),
        }
    }
}

pub(crate) fn result_object_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("result").to_vec(),
        zstd::bulk::compress(golden!("result"), 3).unwrap(),
    ]
}

/// The bytes as they are, and as the content of a whole block. What is accepted can be used.
pub(crate) fn series_block(bytes: &[u8]) {
    for stored in [bytes, &gzip(bytes)] {
        let block = match decode_block(stored) {
            Ok(block) => block,
            Err(refusal) => {
                assert_says_why(&refusal);
                continue;
            }
        };
        let again = encode_block(&block).unwrap();
        assert_eq!(decode_block(&again).as_ref(), Ok(&block));
        let predecessors: Vec<_> = block
            .artifacts
            .iter()
            .rev()
            .map(|artifact| artifact.id.clone())
            .collect();
        let history = SeriesHistory::assemble(std::slice::from_ref(&block), &predecessors);
        for series in &block.series {
            let _ = history.of(&block.metric.name, &series.test_case, &series.epoch, &[]);
        }
    }
}

pub(crate) fn series_block_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("series-block").to_vec(),
        gzip(golden!("series-block")),
    ]
}

/// The bytes as they are and as the content of a whole object. With what is accepted one can go on.
pub(crate) fn series_changes(bytes: &[u8]) {
    let compressed = zstd::bulk::compress(bytes, 1).unwrap();
    for stored in [bytes, &compressed] {
        match functions::series_changes::decode(stored) {
            Ok(changes) => {
                let listed = changes.newest_first();
                assert!(listed.is_sorted_by(|(one, _), (other, _)| one >= other));
                let (entry, blocks) = golden_series();
                let configuration = changes.configuration.clone();
                let update = Update::new(&configuration, &entry, Some(changes));
                let open = &blocks[blocks.len() - update.open_blocks().len()..];
                let before = update.blocks_before(open).unwrap().len();
                let read = &blocks[blocks.len() - open.len() - before..];
                assert!(update.apply(read).unwrap().are_of(&entry));
            }
            Err(refusal) => assert_says_why(&refusal),
        }
    }
}

pub(crate) fn series_changes_seeds() -> Vec<Vec<u8>> {
    let (entry, blocks) = golden_series();
    let update = Update::new(&blocks[0].configuration, &entry, None);
    let changes = update.apply(&blocks).unwrap();
    let json = serde_json::to_vec(&changes).unwrap();
    vec![json.clone(), zstd::bulk::compress(&json, 3).unwrap()]
}

/// Four blocks of 300 artifacts with a step, of which two are settled.
fn golden_series() -> (MetricBlocks, Vec<SeriesBlock>) {
    let golden = SeriesBlock::from_json(golden!("series-block")).unwrap();
    let blocks: Vec<SeriesBlock> = (0..4).map(|number| long_block(&golden, number)).collect();
    let references = blocks.iter().map(|block| BlockReference {
        content_hash: ContentHash::of(&block.artifacts[0].ordinal.to_le_bytes()),
        first_ordinal: block.artifacts[0].ordinal,
        last_ordinal: block.artifacts[0].ordinal + 299,
        artifacts: 300,
    });
    let entry = MetricBlocks {
        metric: golden.metric.clone(),
        line: golden.line,
        blocks: references.collect(),
    };
    (entry, blocks)
}

fn long_block(golden: &SeriesBlock, number: i64) -> SeriesBlock {
    let artifacts = (0..300).map(|place| SeriesArtifact {
        ordinal: number * 300 + place,
        ..golden.artifacts[0].clone()
    });
    let value = |place: u32| {
        let level = if number == 0 && place > 150 {
            20.0
        } else {
            10.0
        };
        Some(level + f64::from(place * 7 % 5) / 10.0)
    };
    let values: Vec<Option<f64>> = (0..300).map(value).collect();
    SeriesBlock {
        artifacts: artifacts.collect(),
        series: vec![SeriesColumns {
            minimum: values.clone(),
            median: values,
            iterations: vec![1; 300],
            ..golden.series[0].clone()
        }],
        ..golden.clone()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Each key of an event is read for itself, and an event about it would name it again.
pub(crate) fn storage_event(bytes: &[u8]) {
    let Ok(json) = std::str::from_utf8(bytes) else {
        return;
    };
    match created_objects(json) {
        Ok(keys) => {
            for key in keys {
                match key {
                    Ok(key) => {
                        let told = created_objects(&object_created(&key)).unwrap();
                        assert_eq!(told, [Ok(key)]);
                    }
                    Err(refusal) => assert_says_why(&refusal),
                }
            }
        }
        Err(refusal) => assert_says_why(&refusal),
    }
}

pub(crate) fn storage_event_seeds() -> Vec<Vec<u8>> {
    let mut seeds = texts([
        r#"{"Event":"s3:TestEvent"}"#,
        r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"comparisons%2Fv1%2Fc%2Frelease-1.94.0..release-1.95.0%232%2F00112233445566778899aabbccddeeff.json"}}},{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"series/v1/c/manifest.json"}}}]}"#,
    ]);
    seeds.push(object_created(&golden_key()).into_bytes());
    seeds
}
