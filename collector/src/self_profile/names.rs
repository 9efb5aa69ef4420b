//! Whether the names in a raw self-profile come to an end. A name may consist of others, and the crate
//! that reads profiles follows them without looking where they lead: one that contains itself would
//! take the whole program down, not only what reads it.
//!
//! The layout is that of the crate `measureme`, formats 8 and 9: a header, then pages, each of one of
//! three streams; the streams are events, the data of strings, and an index of strings.

use std::collections::{HashMap, HashSet};

/// How the file and each of its streams begin: a word and a version, four bytes each.
const HEADER_BYTES: usize = 8;

/// The first word of the file.
const MAGIC: &[u8] = b"MMPD";

/// A page's stream and its length, in bytes.
const PAGE_HEADER_BYTES: usize = 5;

/// What of an event is neither its kind nor its name, in bytes.
const EVENT_REST_BYTES: usize = 16;

/// Ends a string.
const TERMINATOR: u8 = 0xff;

/// Stands before the number of another string.
const REFERENCE: u8 = 0xfe;

/// Strings up to this number are found by the index, the next is none, and the others are places.
const LAST_INDEXED: u64 = 100_000_001;

/// How many names may be part of each other.
const DEPTH_MAX: usize = 500;

/// The longest name, in bytes.
const NAME_BYTES_MAX: u64 = 1 << 20;

/// How much longer than the file all names of all events may be together.
const NAMES_PER_BYTE_MAX: u64 = 1_000;

/// Checks that every name of every event comes to an end, and soon. What else may be wrong with the
/// file is left to who reads it.
///
/// # Errors
/// Says what is wrong with which name.
pub(super) fn check(file: &[u8]) -> Result<(), String> {
    let Some(streams) = Streams::of(file)? else {
        return Ok(());
    };
    let mut lengths = Lengths::of(&streams);
    let mut names: HashMap<u64, u64> = HashMap::new();
    let number_bytes = streams.number_bytes;
    let event_bytes = 2 * number_bytes + EVENT_REST_BYTES;
    let events = streams.events.get(HEADER_BYTES..).unwrap_or_default();
    for event in events.chunks_exact(event_bytes) {
        let (kind, rest) = event.split_at(number_bytes);
        for number in [kind, &rest[..number_bytes]] {
            *names.entry(little_endian(number)).or_default() += 1;
        }
    }
    // Where the compiler says how it was called.
    names.entry(LAST_INDEXED).or_insert(1);
    let mut all: u64 = 0;
    for (number, uses) in names {
        let length = lengths.of_string(number, 0)?;
        all = all.saturating_add(length.saturating_mul(uses));
    }
    if all > NAMES_PER_BYTE_MAX.saturating_mul(file.len() as u64) {
        return Err(format!("its names are {all} bytes long together"));
    }
    Ok(())
}

/// The streams of a file.
struct Streams {
    /// How many bytes the number of a string has.
    number_bytes: usize,
    events: Vec<u8>,
    strings: Vec<u8>,
    index: Vec<u8>,
}

impl Streams {
    /// `None` for a file of another format.
    fn of(file: &[u8]) -> Result<Option<Self>, String> {
        let Some((header, mut pages)) = file.split_at_checked(HEADER_BYTES) else {
            return Ok(None);
        };
        let (magic, version) = header.split_at(MAGIC.len());
        let number_bytes = match (magic == MAGIC, little_endian(version)) {
            (true, 8) => 4,
            (true, 9) => 8,
            _ => return Ok(None),
        };
        let mut streams: [Vec<u8>; 3] = Default::default();
        while let Some((header, rest)) = pages.split_at_checked(PAGE_HEADER_BYTES) {
            let length = little_endian(&header[1..]);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let page = rest.split_at_checked(length);
            let (page, rest) = page.ok_or("a page of it reaches beyond its end")?;
            let stream = streams.get_mut(usize::from(header[0]));
            stream
                .ok_or("a page of it is of no known stream")?
                .extend_from_slice(page);
            pages = rest;
        }
        let [events, strings, index] = streams;
        Ok(Some(Self {
            number_bytes,
            events,
            strings,
            index,
        }))
    }
}

/// The lengths of strings with all that is part of them.
struct Lengths<'a> {
    strings: &'a [u8],
    number_bytes: usize,
    indexed: HashMap<u64, u64>,
    /// By place: the length, once it is known.
    known: HashMap<u64, u64>,
    /// Places whose length is being found out.
    open: HashSet<u64>,
}

impl<'a> Lengths<'a> {
    fn of(streams: &'a Streams) -> Self {
        let number_bytes = streams.number_bytes;
        let index = streams.index.get(HEADER_BYTES..).unwrap_or_default();
        let entries = index.chunks_exact(2 * number_bytes).map(|entry| {
            let (number, place) = entry.split_at(number_bytes);
            (little_endian(number), little_endian(place))
        });
        Self {
            strings: &streams.strings,
            number_bytes,
            indexed: entries.collect(),
            known: HashMap::new(),
            open: HashSet::new(),
        }
    }

    fn of_string(&mut self, number: u64, depth: usize) -> Result<u64, String> {
        let place = match number {
            number if number <= LAST_INDEXED => self.indexed.get(&number).copied(),
            number => number.checked_sub(LAST_INDEXED + 2),
        };
        // What leads nowhere is for the reader to refuse, or to call unknown.
        let Some(place) = place else {
            return Ok(0);
        };
        if let Some(length) = self.known.get(&place) {
            return Ok(*length);
        }
        if depth > DEPTH_MAX {
            return Err(format!(
                "more than {DEPTH_MAX} names of it are part of each other"
            ));
        }
        if !self.open.insert(place) {
            return Err("a name of it is part of itself".to_owned());
        }
        let length = self.of_place(place, depth)?;
        if length > NAME_BYTES_MAX {
            return Err(format!("a name of it is {length} bytes long"));
        }
        self.open.remove(&place);
        self.known.insert(place, length);
        Ok(length)
    }

    fn of_place(&mut self, place: u64, depth: usize) -> Result<u64, String> {
        let strings = self.strings;
        let start = usize::try_from(place).unwrap_or(usize::MAX);
        let mut rest = strings.get(start..).unwrap_or_default();
        let mut length: u64 = 0;
        while let Some((first, behind)) = rest.split_first() {
            match *first {
                TERMINATOR => break,
                REFERENCE => {
                    let Some((number, behind)) = behind.split_at_checked(self.number_bytes) else {
                        break;
                    };
                    let part = self.of_string(little_endian(number), depth + 1)?;
                    length = length.saturating_add(part);
                    rest = behind;
                }
                _ => {
                    length = length.saturating_add(1);
                    rest = behind;
                }
            }
        }
        Ok(length)
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A profile of format 9 with one event whose name is the first of `strings`, each at its place.
    fn profile(strings: &[&[u8]]) -> Vec<u8> {
        let mut file = [MAGIC, &9_u32.to_le_bytes()].concat();
        let mut page = |stream: u8, content: &[u8]| {
            let content = [&[0; HEADER_BYTES], content].concat();
            file.push(stream);
            file.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
            file.extend(content);
        };
        let name = number_of_place(HEADER_BYTES);
        page(0, &[&name[..], &name, &[0; EVENT_REST_BYTES]].concat());
        page(1, &strings.concat());
        page(2, &[]);
        file
    }

    fn number_of_place(place: usize) -> [u8; 8] {
        (LAST_INDEXED + 2 + place as u64).to_le_bytes()
    }

    fn reference_to(place: usize) -> Vec<u8> {
        [&[REFERENCE][..], &number_of_place(place)].concat()
    }

    #[test]
    fn a_name_that_is_part_of_itself_is_refused() {
        let itself = reference_to(HEADER_BYTES);
        let reason = check(&profile(&[b"a", &itself, &[TERMINATOR]])).unwrap_err();
        assert_eq!(reason, "a name of it is part of itself");
        // At the first place a reference to the second, and there one back.
        let other = reference_to(HEADER_BYTES + 10);
        let there_and_back = [&other[..], &[TERMINATOR], &itself, &[TERMINATOR]];
        assert!(check(&profile(&there_and_back)).is_err());
    }

    #[test]
    fn a_name_that_is_used_twice_is_no_circle() {
        let shared = reference_to(HEADER_BYTES + 19);
        let strings = [
            &shared[..],
            &shared,
            &[TERMINATOR],
            b"typeck",
            &[TERMINATOR],
        ];
        check(&profile(&strings)).unwrap();
    }

    #[test]
    fn names_that_double_each_time_and_chains_without_end_are_refused() {
        // Each string is the next one twice, 19 bytes; the last is a letter.
        let doubling = |count: usize| -> Vec<Vec<u8>> {
            let place = |number: usize| HEADER_BYTES + 19 * (number + 1);
            let twice = |number: usize| {
                let next = reference_to(place(number));
                [&next[..], &next, &[TERMINATOR]].concat()
            };
            let last = vec![b'a', TERMINATOR];
            (0..count).map(twice).chain([last]).collect()
        };
        let refused = |count: usize| {
            let strings = doubling(count);
            let strings: Vec<&[u8]> = strings.iter().map(Vec::as_slice).collect();
            check(&profile(&strings)).is_err()
        };
        assert!(!refused(10));
        assert!(refused(40));
        assert!(refused(DEPTH_MAX + 2));
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_nothing_panics(bytes: Vec<u8>, is_profile: bool) {
            let mut bytes = bytes;
            if is_profile {
                bytes.splice(0..0, profile(&[]));
            }
            let _ = check(&bytes);
        }
    }
}
