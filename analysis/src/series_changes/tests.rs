use proptest::prelude::*;
use shared_types::Unit;
use shared_types::object_key::ContentHash;
use shared_types::series::{SeriesArtifact, SeriesColumns};

use super::*;
use crate::change_points::WINDOW_VALUES;

/// The values of two test cases at each artifact, `None` where not measured.
type History = Vec<[Option<f64>; 2]>;

const BLOCK: usize = 64;

fn metric() -> Metric {
    Metric::cost("wall-time".parse().unwrap(), Unit::Seconds)
}

fn configuration() -> ConfigurationId {
    "zen4".parse().unwrap()
}

/// A history as blocks of [`BLOCK`] artifacts, and the entry that leads to them. The artifact of an
/// ordinal keeps its name wherever it comes to lie.
fn stored(history: &[(i64, [Option<f64>; 2])]) -> (MetricBlocks, Vec<SeriesBlock>) {
    let blocks: Vec<SeriesBlock> = history.chunks(BLOCK).map(block).collect();
    let references = blocks.iter().map(|block| BlockReference {
        content_hash: ContentHash::of(&serde_json::to_vec(block).unwrap()),
        first_ordinal: block.artifacts[0].ordinal,
        last_ordinal: block.artifacts.last().unwrap().ordinal,
        artifacts: u32::try_from(block.artifacts.len()).unwrap(),
    });
    let entry = MetricBlocks {
        metric: metric(),
        line: Line::Main,
        blocks: references.collect(),
    };
    (entry, blocks)
}

fn block(runs: &[(i64, [Option<f64>; 2])]) -> SeriesBlock {
    let artifacts = runs.iter().map(|(ordinal, _)| SeriesArtifact {
        id: format!("release-1.{ordinal}.0").parse().unwrap(),
        ordinal: *ordinal,
        commit_date: None,
        hosts: vec!["one".to_owned()],
        setups: Vec::new(),
    });
    let series = ["first", "second"]
        .into_iter()
        .enumerate()
        .map(|(place, name)| {
            let values: Vec<Option<f64>> = runs.iter().map(|(_, values)| values[place]).collect();
            SeriesColumns {
                test_case: TestCase::Imported {
                    name: name.parse().unwrap(),
                },
                epoch: Epoch::of([b"1".as_slice()]),
                category: None,
                minimum: values.clone(),
                median: values,
                iterations: vec![1; runs.len()],
            }
        });
    // A test case that nothing measured has no columns.
    let series = series.filter(|series| series.median.iter().any(Option::is_some));
    SeriesBlock {
        format: FormatVersion::V1_0,
        configuration: configuration(),
        metric: metric(),
        line: Line::Main,
        artifacts: artifacts.collect(),
        series: series.collect(),
    }
}

fn in_order(history: &History) -> Vec<(i64, [Option<f64>; 2])> {
    (0..).zip(history.iter().copied()).collect()
}

/// Brings changes up to date as the functions do, through the stored form. Also how many blocks were
/// read.
fn updated(
    known: Option<SeriesChanges>,
    history: &[(i64, [Option<f64>; 2])],
) -> (SeriesChanges, usize) {
    let (entry, blocks) = stored(history);
    let configuration = configuration();
    let update = Update::new(&configuration, &entry, known);
    let open = update.open_blocks().len();
    let open_blocks = &blocks[blocks.len() - open..];
    let before = update.blocks_before(open_blocks).unwrap().len();
    let read = &blocks[blocks.len() - open - before..];
    let changes = update.apply(read).unwrap();
    assert!(changes.are_of(&entry));
    let json = serde_json::to_vec(&changes).unwrap();
    (SeriesChanges::from_json(&json).unwrap(), read.len())
}

fn told(changes: &SeriesChanges) -> Vec<(usize, ChangePoint)> {
    let all = changes.newest_first();
    all.into_iter()
        .map(|(place, change)| (place, change.clone()))
        .collect()
}

/// Made-up noise between -1 and 1 that is another at each place.
fn noise(place: usize) -> f64 {
    let mixed = (place as u64 + 1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .rotate_left(31);
    let mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Levels that last for so many artifacts each, with noise.
fn history_of(levels: &[(f64, usize)]) -> History {
    let all = levels
        .iter()
        .flat_map(|(level, artifacts)| vec![*level; *artifacts]);
    all.enumerate()
        .map(|(place, level)| {
            let second = (place % 3 != 0).then(|| 50.0 + noise(place + 7));
            [Some(level + noise(place)), second]
        })
        .collect()
}

fn levels() -> impl Strategy<Value = Vec<(f64, usize)>> {
    prop::collection::vec((80.0..120.0, 1_usize..150), 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn run_by_run_the_changes_are_those_of_the_whole_history(
        levels in levels(),
        batches in prop::collection::vec(1_usize..70, 1..20),
    ) {
        let history = in_order(&history_of(&levels));
        let mut known = None;
        let mut end = 0;
        for batch in batches {
            end = (end + batch).min(history.len());
            let (changes, _) = updated(known, &history[..end]);
            prop_assert_eq!(told(&changes), told(&updated(None, &history[..end]).0));
            known = Some(changes);
        }
    }

    #[test]
    fn a_run_that_lands_late_is_taken_in_wherever_it_belongs(
        levels in levels(),
        late in any::<prop::sample::Index>(),
    ) {
        let history = in_order(&history_of(&levels));
        let late = late.index(history.len());
        let mut without = history.clone();
        without.remove(late);
        prop_assume!(!without.is_empty());
        let (known, _) = updated(None, &without);
        let (changes, _) = updated(Some(known), &history);
        prop_assert_eq!(told(&changes), told(&updated(None, &history).0));
    }
}

#[test]
fn a_run_costs_a_window_and_not_the_history() {
    let history = in_order(&history_of(&[(100.0, 700), (110.0, 700), (100.0, 2000)]));
    let (mut known, all) = updated(None, &history[..2000]);
    assert_eq!(all, 2000_usize.div_ceil(BLOCK));
    let mut dearest = 0;
    for end in (2001..history.len()).step_by(97) {
        let (changes, read) = updated(Some(known), &history[..end]);
        dearest = dearest.max(read);
        known = changes;
    }
    // A window, and as many values before it for the level of its first stretch, of which the second
    // test case has two at three artifacts; what landed; and the open blocks.
    let places = 2 * WINDOW_VALUES * 3 / 2 + 97;
    assert!(dearest <= places / BLOCK + OPEN_BLOCKS + 2, "{dearest}");
    assert_eq!(
        told(&known),
        told(&updated(None, &history[..2000 + 1 + 97 * 14]).0)
    );
}

#[test]
fn a_step_is_dated_to_its_artifact_and_stands_until_the_next() {
    let history = in_order(&history_of(&[(100.0, 60), (110.0, 60), (105.0, 60)]));
    let told = told(&updated(None, &history).0);
    let steps: Vec<(&str, bool, ChangeStanding)> = told
        .iter()
        .map(|(_, change)| {
            assert_eq!(change.nature, ChangeNature::Step);
            (change.test_case.as_str(), change.stands, change.state)
        })
        .collect();
    let accepted = ChangeStanding::Accepted;
    assert_eq!(
        steps,
        [("first", true, accepted), ("first", false, accepted)]
    );
    assert_eq!(told[0].1.artifact.to_string(), "release-1.120.0");
    assert_eq!(told[1].1.artifact.to_string(), "release-1.60.0");
    let change = told[1].1.change.unwrap();
    assert!((change - 0.1).abs() < 0.01, "{change}");
}

#[test]
fn what_was_taken_back_does_not_stand() {
    let history = in_order(&history_of(&[(100.0, 60), (110.0, 10), (100.0, 30)]));
    let told = told(&updated(None, &history).0);
    assert_eq!(told.len(), 1, "{told:?}");
    let (_, change) = &told[0];
    assert_eq!(change.state, ChangeStanding::Reverted);
    assert_eq!(change.until.as_ref().unwrap().to_string(), "release-1.70.0");
    assert!(!change.stands);
}

#[test]
fn a_test_case_that_is_no_longer_measured_keeps_its_changes_and_costs_nothing() {
    let mut history = history_of(&[(100.0, 100), (110.0, 900)]);
    for (place, values) in history.iter_mut().enumerate() {
        let level = if place < 50 { 10.0 } else { 20.0 };
        values[1] = (place < 150).then(|| level + noise(place) / 10.0);
    }
    let history = in_order(&history);
    let (known, _) = updated(None, &history[..900]);
    let (changes, read) = updated(Some(known), &history);
    assert!(
        read <= (2 * WINDOW_VALUES + 100) / BLOCK + OPEN_BLOCKS + 2,
        "{read}"
    );
    let second = told(&changes)
        .into_iter()
        .find(|(_, change)| change.test_case == "second");
    assert_eq!(second.unwrap().1.artifact.to_string(), "release-1.50.0");
    assert_eq!(told(&changes), told(&updated(None, &history).0));
}

#[test]
fn changes_that_another_method_found_are_found_anew() {
    let history = in_order(&history_of(&[(100.0, 400)]));
    let (mut known, _) = updated(None, &history);
    known.method = "another".to_owned();
    let (_, read) = updated(Some(known), &history);
    assert_eq!(read, 400_usize.div_ceil(BLOCK));
}

#[test]
fn a_block_that_is_not_what_its_reference_says_is_refused() {
    let (entry, mut blocks) = stored(&in_order(&history_of(&[(100.0, 100)])));
    blocks[1].artifacts.pop();
    let configuration = configuration();
    let update = Update::new(&configuration, &entry, None);
    let refused = update.apply(&blocks).unwrap_err().to_string();
    assert!(refused.contains("another number of artifacts"), "{refused}");
}

#[test]
fn what_is_kept_and_contradicts_itself_is_refused() {
    let history = in_order(&history_of(&[(100.0, 500), (110.0, 500)]));
    let (known, _) = updated(None, &history);
    let read = |edit: &dyn Fn(&mut serde_json::Value)| {
        let mut json = serde_json::to_value(&known).unwrap();
        edit(&mut json);
        SeriesChanges::from_json(&serde_json::to_vec(&json).unwrap())
    };
    assert_eq!(read(&|_| ()).unwrap(), known);
    assert!(read(&|json| json["settled_blocks"] = 99.into()).is_err());
    assert!(read(&|json| json["series"][0]["settled"]["from"] = 9_999.into()).is_err());
    assert!(read(&|json| json["series"][0]["settled"]["open"]["index"] = 700.into()).is_err());
    assert!(read(&|json| json["series"][0]["settled"]["taken"] = 700.into()).is_err());
}
