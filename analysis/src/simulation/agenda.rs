//! What is going to happen, the next first.

use std::collections::BTreeMap;

use shared_types::events::ProgressEvent;
use shared_types::ids::Attempt;
use shared_types::{ConfigurationId, JobId};

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// The request of that place in the load is made.
    Asked(usize),
    /// It is cancelled.
    Cancelled(usize),
    /// Somebody holds it.
    Held(usize),
    /// And lets it go.
    Resumed(usize),
    /// The coordinator looks for something to do.
    Tick {
        /// Whether this is by its schedule.
        again: bool,
    },
    /// What is stored is held against what is indexed.
    Reconcile,
    /// It is noted what is expected.
    Forecast,
    /// Something reaches the coordinator or ingest.
    Told(Told),
    /// A collector looks for work.
    Looks(usize),
    /// All idle ones of a configuration do.
    LooksAll(ConfigurationId),
    /// A collector extends its lease, if its work is still that of that shift.
    Extends { collector: usize, shift: u64 },
    /// A collector is done with its job, if its work is still that of that shift.
    Finishes { collector: usize, shift: u64 },
    /// A collector vanishes.
    Leaves(usize),
}

/// What is told by way of a queue.
#[derive(Debug, Clone)]
pub(super) enum Told {
    Progress(ProgressEvent),
    Failed {
        job: JobId,
        attempt: Attempt,
        collector: String,
    },
    Stored {
        job: JobId,
        attempt: Attempt,
    },
}

#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// By time, and in the order in which they were added.
    events: BTreeMap<(u64, u64), Event>,
    added: u64,
}

impl Agenda {
    pub(super) fn add(&mut self, at_ms: u64, event: Event) {
        self.added += 1;
        self.events.insert((at_ms, self.added), event);
    }

    pub(super) fn next(&mut self) -> Option<(u64, Event)> {
        self.events
            .pop_first()
            .map(|((at_ms, _), event)| (at_ms, event))
    }

    /// When the last of what is planned happens.
    pub(super) fn last_ms(&self) -> u64 {
        self.events
            .keys()
            .next_back()
            .map_or(0, |(at_ms, _)| *at_ms)
    }
}
