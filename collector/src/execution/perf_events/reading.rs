//! What the kernel writes when counters are read. Source: perf_event_open(2), "Reading results".

use super::refusal::RefusalReason;

/// A reading of a whole group: `PERF_FORMAT_GROUP` with both times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupReading {
    /// One for each event, in the order in which they were opened.
    pub values: Vec<u64>,
    /// How long the group was to count, in nanoseconds, over all threads and processes.
    pub time_enabled_ns: u64,
    /// How long it did, in nanoseconds.
    pub time_running_ns: u64,
}

/// A reading of one event, with both times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SingleReading {
    /// The count.
    pub value: u64,
    /// How long it was to count, in nanoseconds, over all threads and processes.
    pub time_enabled_ns: u64,
    /// How long it did, in nanoseconds.
    pub time_running_ns: u64,
}

impl GroupReading {
    /// How many bytes the kernel writes for a group of so many events.
    pub fn bytes(events: usize) -> usize {
        (3 + events) * size_of::<u64>()
    }

    /// Reads what the kernel wrote for a group of so many events.
    ///
    /// # Errors
    /// When it is not that.
    pub fn parse(bytes: &[u8], events: usize) -> Result<Self, RefusalReason> {
        let words = words(bytes, Self::bytes(events))?;
        match words.as_slice() {
            [number, time_enabled_ns, time_running_ns, values @ ..]
                if usize::try_from(*number) == Ok(values.len()) =>
            {
                Ok(Self {
                    values: values.to_vec(),
                    time_enabled_ns: *time_enabled_ns,
                    time_running_ns: *time_running_ns,
                })
            }
            _ => Err(unreadable(format!(
                "the kernel tells of {} events, and {events} were opened",
                words[0]
            ))),
        }
    }

    /// The values, if the group was on the processor as long as the program was.
    ///
    /// # Errors
    /// When it was not.
    pub fn exact(self) -> Result<Vec<u64>, RefusalReason> {
        whole(self.time_enabled_ns, self.time_running_ns)?;
        Ok(self.values)
    }
}

impl SingleReading {
    /// How many bytes the kernel writes.
    pub const BYTES: usize = 3 * size_of::<u64>();

    /// Reads what the kernel wrote.
    ///
    /// # Errors
    /// When it has another length.
    pub fn parse(bytes: &[u8]) -> Result<Self, RefusalReason> {
        let words = words(bytes, Self::BYTES)?;
        Ok(Self {
            value: words[0],
            time_enabled_ns: words[1],
            time_running_ns: words[2],
        })
    }

    /// The values of a group whose events were read one after the other, if each was on the
    /// processor as long as the program was, and all of them as long as each other.
    ///
    /// # Errors
    /// When they were not.
    pub fn exact(readings: &[Self]) -> Result<Vec<u64>, RefusalReason> {
        let mut values = Vec::with_capacity(readings.len());
        for reading in readings {
            whole(reading.time_enabled_ns, reading.time_running_ns)?;
            if reading.time_running_ns != readings[0].time_running_ns {
                return Err(RefusalReason::NotTogether);
            }
            values.push(reading.value);
        }
        Ok(values)
    }
}

fn whole(time_enabled_ns: u64, time_running_ns: u64) -> Result<(), RefusalReason> {
    if time_running_ns > 0 && time_running_ns == time_enabled_ns {
        return Ok(());
    }
    Err(RefusalReason::Shared {
        time_enabled_ns,
        time_running_ns,
    })
}

fn words(bytes: &[u8], expected: usize) -> Result<Vec<u64>, RefusalReason> {
    if bytes.len() != expected {
        return Err(unreadable(format!(
            "{} bytes came instead of {expected}",
            bytes.len()
        )));
    }
    let (words, _) = bytes.as_chunks::<8>();
    Ok(words.iter().copied().map(u64::from_ne_bytes).collect())
}

fn unreadable(problem: String) -> RefusalReason {
    RefusalReason::Unreadable { problem }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recorded(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    proptest! {
        #[test]
        fn a_group_that_was_shared_is_refused(
            values in proptest::collection::vec(any::<u64>(), 1..5),
            enabled in 0u64..9,
            running in 0u64..9,
        ) {
            let mut words = vec![values.len() as u64, enabled, running];
            words.extend(&values);
            let reading = GroupReading::parse(&recorded(&words), values.len()).unwrap();
            let exact = reading.exact().ok();
            let expected = (running > 0 && enabled == running).then_some(values);
            prop_assert_eq!(exact, expected);
        }

        #[test]
        fn any_bytes_are_read_without_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..70), events in 1usize..6
        ) {
            let group = GroupReading::parse(&bytes, events);
            prop_assert!(group.is_err() || bytes.len() == GroupReading::bytes(events));
            let single = SingleReading::parse(&bytes);
            prop_assert_eq!(single.is_ok(), bytes.len() == SingleReading::BYTES);
        }

        #[test]
        fn events_read_one_by_one_have_to_have_run_equally_long(
            times in proptest::collection::vec(1u64..3, 1..5)
        ) {
            let reading = |time: &u64| SingleReading {
                value: 7,
                time_enabled_ns: *time,
                time_running_ns: *time,
            };
            let readings: Vec<_> = times.iter().map(reading).collect();
            let equal = times.iter().all(|time| *time == times[0]);
            prop_assert_eq!(SingleReading::exact(&readings).is_ok(), equal);
        }
    }

    #[test]
    fn a_reading_of_another_number_of_events_is_refused() {
        let bytes = recorded(&[3, 10, 10, 1, 2]);
        assert!(matches!(
            GroupReading::parse(&bytes, 2),
            Err(RefusalReason::Unreadable { .. })
        ));
    }

    #[test]
    fn the_end_of_the_file_is_no_count_of_zero() {
        assert!(GroupReading::parse(&[], 2).is_err());
    }
}
