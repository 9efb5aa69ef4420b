//! Where series come from: a manifest, then the immutable blocks that are wanted of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::prelude::*;
use shared_types::metric::default_metric;
use shared_types::object_key::ContentHash;
use shared_types::series::{BlockReference, MetricBlocks, SeriesBlock, SeriesManifest};
use shared_types::{ConfigurationId, Line, MetricName};

use super::history::{History, Stretch, wanted_blocks};
use super::timeline::Timeline;
use crate::api_client::{self, ApiError};
use crate::order::sorted;
use crate::remote::{RemoteSignal, fetched, fetched_once};

/// Which series of a configuration are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Choice {
    /// The metric; the least noisy that is there, else.
    pub(crate) metric: Option<MetricName>,
    /// The line of history; the longest of the metric, else.
    pub(crate) line: Option<Line>,
    /// How much of it.
    pub(crate) stretch: Stretch,
}

/// The series of a configuration.
#[derive(Clone, Copy)]
pub(crate) struct Series {
    /// The configuration.
    pub(crate) configuration: Memo<Option<ConfigurationId>>,
    /// Its metrics and lines.
    pub(crate) manifest: Memo<Option<Arc<SeriesManifest>>>,
    /// The metric and line that are shown.
    pub(crate) chosen: Memo<Option<(MetricName, Line)>>,
    /// The whole time of that line.
    pub(crate) timeline: Memo<Timeline>,
    /// The stretch of history, when all of it is there.
    pub(crate) history: Memo<Option<Arc<History>>>,
    /// Whether there is nothing to draw.
    pub(crate) is_empty: Memo<bool>,
    /// Why something is missing.
    pub(crate) error: Memo<Option<ApiError>>,
}

type Blocks = Vec<RemoteSignal<SeriesBlock>>;

/// Something that is fetched, and why it is not there.
#[derive(Clone, Copy)]
pub(crate) struct Followed<T: Send + Sync + 'static> {
    /// What was fetched, once all of it is there.
    pub(crate) value: Memo<Option<T>>,
    /// Why something is missing.
    pub(crate) error: Memo<Option<ApiError>>,
}

/// Follows a configuration to its manifest.
pub(crate) fn follow_manifest(
    configuration: Memo<Option<ConfigurationId>>,
) -> Followed<Arc<SeriesManifest>> {
    let fetched = fetched::<SeriesManifest>(Signal::derive(move || {
        configuration.get().as_ref().map(api_client::manifest)
    }));
    let remote = fetched.clone();
    Followed {
        value: Memo::new(move |_| {
            let manifest = remote.with(|remote| remote.value.clone())?;
            // The manifest of the configuration before stays until the next one comes.
            (Some(&manifest.configuration) == configuration.get().as_ref()).then_some(manifest)
        }),
        error: Memo::new(move |_| fetched.with(|remote| remote.error.clone())),
    }
}

/// The metrics of a manifest, the least noisy first, each once.
pub(crate) fn metric_names<'a>(metrics: impl Iterator<Item = &'a MetricBlocks>) -> Vec<String> {
    let names: Vec<&MetricName> = metrics.map(|blocks| &blocks.metric.name).collect();
    let mut names = sorted(names, |one, other| {
        (one.preference(), one).cmp(&(other.preference(), other))
    });
    names.dedup();
    names.into_iter().map(ToString::to_string).collect()
}

/// Follows a choice to its series. Nothing is asked for without a configuration.
pub(crate) fn follow_series(
    configuration: Memo<Option<ConfigurationId>>,
    choice: Memo<Choice>,
) -> Series {
    let followed = follow_manifest(configuration);
    let manifest = followed.value;
    let wanted = Memo::new(move |_| {
        manifest.with(|manifest| choice.with(|choice| chosen_blocks(manifest.as_deref()?, choice)))
    });
    let hashes = Memo::new(move |_| {
        wanted.with(|wanted| wanted.as_ref().map(|wanted| wanted.hashes.clone()))
    });
    let blocks = follow_blocks(configuration, hashes);
    Series {
        configuration,
        manifest,
        chosen: Memo::new(move |_| {
            wanted.with(|wanted| {
                let wanted = wanted.as_ref()?;
                Some((wanted.metric.clone(), wanted.line))
            })
        }),
        timeline: Memo::new(move |_| {
            wanted.with(|wanted| {
                let all = wanted.as_ref().map(|wanted| wanted.all.as_slice());
                Timeline::of(all.unwrap_or_default())
            })
        }),
        history: Memo::new_with_compare(
            move |_| History::of(&blocks.value.get()?).map(Arc::new),
            |before, now| before.map(Option::as_ref) != now.map(Option::as_ref),
        ),
        is_empty: Memo::new(move |_| {
            manifest.with(|manifest| manifest.as_ref().is_some_and(|it| it.metrics.is_empty()))
        }),
        error: Memo::new(move |_| followed.error.get().or_else(|| blocks.error.get())),
    }
}

/// The blocks of the metric and line that are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    metric: MetricName,
    line: Line,
    hashes: Vec<ContentHash>,
    /// Every block of the line, wanted or not.
    all: Vec<BlockReference>,
}

fn chosen_blocks(manifest: &SeriesManifest, choice: &Choice) -> Option<Wanted> {
    let line_of = |blocks: &&MetricBlocks| choice.line.is_none_or(|line| blocks.line == line);
    let on_line: Vec<&MetricBlocks> = manifest.metrics.iter().filter(line_of).collect();
    let metric = match &choice.metric {
        Some(metric) => metric.clone(),
        None => default_metric(on_line.iter().map(|blocks| &blocks.metric))?
            .name
            .clone(),
    };
    let chosen = on_line
        .into_iter()
        .filter(|blocks| blocks.metric.name == metric)
        .max_by_key(|blocks| {
            blocks
                .blocks
                .iter()
                .map(|block| block.artifacts)
                .sum::<u32>()
        })?;
    Some(Wanted {
        metric,
        line: chosen.line,
        hashes: wanted_blocks(&chosen.blocks, choice.stretch),
        all: chosen.blocks.clone(),
    })
}

/// Follows hashes to their blocks. One that was fetched before is not fetched again: blocks never change.
pub(crate) fn follow_blocks(
    configuration: Memo<Option<ConfigurationId>>,
    hashes: Memo<Option<Vec<ContentHash>>>,
) -> Followed<Vec<Arc<SeriesBlock>>> {
    let known = StoredValue::new(BTreeMap::<ContentHash, RemoteSignal<SeriesBlock>>::new());
    let blocks = RwSignal::new(None::<Blocks>);
    Effect::new(move |_| {
        let hashes = hashes.get();
        let Some((configuration, hashes)) = configuration.get_untracked().zip(hashes) else {
            blocks.set(None);
            return;
        };
        let next = hashes
            .into_iter()
            .map(|hash| {
                known.try_update_value(|known| {
                    known
                        .entry(hash.clone())
                        .or_insert_with(|| fetched_once(api_client::block(&configuration, &hash)))
                        .clone()
                })
            })
            .collect::<Option<Blocks>>();
        blocks.set(next);
    });
    Followed {
        value: Memo::new_with_compare(
            move |_| {
                blocks.with(|blocks| {
                    let blocks = blocks.as_ref()?.iter();
                    blocks
                        .map(|block| block.with(|block| block.value.clone()))
                        .collect::<Option<Vec<_>>>()
                })
            },
            |before, now| !same_blocks(before, now),
        ),
        error: Memo::new(move |_| {
            blocks.with(|blocks| {
                let mut blocks = blocks.iter().flatten();
                blocks.find_map(|block| block.with(|it| it.error.clone()))
            })
        }),
    }
}

/// Whether these are the very same blocks. Comparing what is in them would take longer than drawing it.
fn same_blocks(
    before: Option<&Option<Vec<Arc<SeriesBlock>>>>,
    now: Option<&Option<Vec<Arc<SeriesBlock>>>>,
) -> bool {
    match (before, now) {
        (Some(Some(before)), Some(Some(now))) => {
            before.len() == now.len()
                && before
                    .iter()
                    .zip(now)
                    .all(|(one, other)| Arc::ptr_eq(one, other))
        }
        (Some(None), Some(None)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use shared_types::{FormatVersion, Metric, Unit};

    use super::*;

    fn metric(name: &str, line: Line, artifacts: u32) -> MetricBlocks {
        MetricBlocks {
            metric: Metric::cost(name.parse().unwrap(), Unit::Count),
            line,
            blocks: vec![BlockReference {
                content_hash: ContentHash::of(name.as_bytes()),
                first_ordinal: 0,
                last_ordinal: 9,
                artifacts,
            }],
        }
    }

    fn manifest() -> SeriesManifest {
        SeriesManifest {
            format: FormatVersion::V1_0,
            configuration: "c1".parse().unwrap(),
            metrics: vec![
                metric("wall-time", Line::Main, 100),
                metric("instructions:u", Line::Releases, 4),
                metric("instructions:u", Line::Main, 100),
            ],
        }
    }

    #[test]
    fn the_least_noisy_metric_on_the_longest_line_is_shown_first() {
        let wanted = chosen_blocks(&manifest(), &Choice::default()).unwrap();
        assert_eq!(wanted.metric.as_str(), "instructions:u");
        assert_eq!(wanted.line, Line::Main);
        assert_eq!(wanted.hashes.len(), 1);
    }

    #[test]
    fn a_metric_that_is_asked_for_and_not_there_shows_nothing() {
        let choice = Choice {
            metric: Some("max-rss".parse().unwrap()),
            ..Choice::default()
        };
        assert_eq!(chosen_blocks(&manifest(), &choice), None);
    }
}
