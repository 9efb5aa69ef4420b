//! Opening the events of a group, and reading what they counted. The system call comes in as a
//! function, so that a test can answer as a kernel would that nobody has at hand.

use std::collections::BTreeMap;

use super::counter_plan::{CounterGroup, PlannedEvent};
use super::reading::{GroupReading, SingleReading};
use super::refusal::{Refusal, RefusalReason};

/// How the events of a group are read.
///
/// Kernels before 4.13 refuse `PERF_FORMAT_GROUP` for events that children inherit, with `EINVAL`.
/// There the events are a group as well, and are read one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// All by one call, from the first.
    Together,
    /// Each by itself.
    OneByOne,
}

/// When counting begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// When the program does, so that nothing is counted of what starts it.
    WithProgram,
    /// When told to.
    WhenTold,
}

/// What an event is opened as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpeningRequest<'a> {
    /// The event.
    pub event: &'a PlannedEvent,
    /// How it is read.
    pub reading: Reading,
    /// When it begins to count. The others of a group begin with their first.
    pub start: Start,
}

/// The events of a group that the kernel opened.
#[derive(Debug)]
pub struct OpenGroup<H> {
    /// How they are read.
    pub reading: Reading,
    /// The metric and what the kernel gave for it. The first leads the group.
    pub events: Vec<(String, H)>,
    /// What the kernel refused.
    pub refusals: Vec<Refusal>,
}

/// What a group counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupCounts {
    /// The counts, by metric.
    pub counts: BTreeMap<String, u64>,
    /// What was not counted.
    pub refusals: Vec<Refusal>,
}

/// `EINVAL`, on every system.
const INVALID: i32 = 22;

/// Opens the events of a group, one after the other. `open` is the system call: it gets the request
/// and the group's first event, and answers with a handle or with the number of the error. An event
/// that is refused is left out, and the rest goes on without it.
pub fn open_group<H>(
    group: &CounterGroup,
    start: Start,
    open: &mut impl FnMut(OpeningRequest<'_>, Option<&H>) -> Result<H, i32>,
) -> OpenGroup<H> {
    let mut opened = OpenGroup {
        reading: Reading::Together,
        events: Vec::new(),
        refusals: Vec::new(),
    };
    for event in &group.events {
        let request = |reading| OpeningRequest {
            event,
            reading,
            start,
        };
        let first = opened.events.first().map(|(_, handle)| handle);
        let mut answer = open(request(opened.reading), first);
        // The first event finds out whether a group can be read by one call.
        if first.is_none() && matches!(answer, Err(INVALID)) {
            answer = open(request(Reading::OneByOne), None);
            if answer.is_ok() {
                opened.reading = Reading::OneByOne;
            }
        }
        match answer {
            Ok(handle) => opened.events.push((event.metric.clone(), handle)),
            Err(error) => opened.refusals.push(Refusal {
                metric: event.metric.clone(),
                reason: RefusalReason::Refused { error },
            }),
        }
    }
    opened
}

impl<H> OpenGroup<H> {
    /// What was counted. `read` is the system call: it reads at most so many bytes from a handle.
    /// What was counted in part is refused with all of its group.
    pub fn finish(
        self,
        read: &mut impl FnMut(&H, usize) -> Result<Vec<u8>, String>,
    ) -> GroupCounts {
        let values = match self.reading {
            _ if self.events.is_empty() => Ok(Vec::new()),
            Reading::Together => {
                let events = self.events.len();
                read(&self.events[0].1, GroupReading::bytes(events))
                    .map_err(|problem| RefusalReason::Unreadable { problem })
                    .and_then(|bytes| GroupReading::parse(&bytes, events)?.exact())
            }
            Reading::OneByOne => {
                let readings: Result<Vec<_>, _> = self
                    .events
                    .iter()
                    .map(|(_, handle)| {
                        let bytes = read(handle, SingleReading::BYTES);
                        let unreadable = |problem| RefusalReason::Unreadable { problem };
                        SingleReading::parse(&bytes.map_err(unreadable)?)
                    })
                    .collect();
                readings.and_then(|readings| SingleReading::exact(&readings))
            }
        };
        let metrics = self.events.into_iter().map(|(metric, _)| metric);
        let mut refusals = self.refusals;
        match values {
            Ok(values) => GroupCounts {
                counts: metrics.zip(values).collect(),
                refusals,
            },
            Err(reason) => {
                refusals.extend(metrics.map(|metric| Refusal {
                    metric,
                    reason: reason.clone(),
                }));
                GroupCounts {
                    counts: BTreeMap::new(),
                    refusals,
                }
            }
        }
    }
}

impl GroupCounts {
    /// Nothing of a group was counted, for one reason.
    pub fn refused(group: &CounterGroup, reason: &RefusalReason) -> Self {
        let refused = |event: &PlannedEvent| Refusal {
            metric: event.metric.clone(),
            reason: reason.clone(),
        };
        Self {
            counts: BTreeMap::new(),
            refusals: group.events.iter().map(refused).collect(),
        }
    }
}

#[cfg(test)]
#[path = "opening_tests.rs"]
mod tests;
