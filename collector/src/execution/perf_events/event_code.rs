//! How an event of a processor is written into the kernel's request: `event=0x2e,umask=0x41`,
//! where `event` is `config:0-7` and `umask` is `config:8-15`.
//!
//! Source: `Documentation/ABI/testing/sysfs-bus-event_source-devices-{events,format}` of Linux.

use std::collections::BTreeMap;

/// What names an event to the counters of one kind of processor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventCode {
    /// `config`, `config1` and `config2` of `perf_event_attr`.
    pub words: [u64; 3],
}

/// Where the value of a named part of an event goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitField {
    word: usize,
    /// First and last bit of each part, the lowest part of the value first.
    ranges: Vec<(u32, u32)>,
}

impl EventCode {
    /// Reads the code of an event. `fields` are the formats of its processor, by name. `None` where
    /// a part is unknown or its value does not fit.
    pub fn parse(text: &str, fields: &BTreeMap<String, BitField>) -> Option<Self> {
        let mut code = Self::default();
        for part in text.trim().split(',') {
            // A name alone is a switch that is on.
            let (name, value) = part.split_once('=').unwrap_or((part, "1"));
            let value = match value.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16),
                None => value.parse(),
            };
            let field = fields.get(name)?;
            code.words[field.word] |= field.place(value.ok()?)?;
        }
        Some(code)
    }
}

impl BitField {
    /// Reads a format: `config:0-7,32-35`.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, ranges) = text.trim().split_once(':')?;
        let word = match word {
            "config" => 0,
            "config1" => 1,
            "config2" => 2,
            _ => return None,
        };
        let range = |range: &str| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last && last < u64::BITS).then_some((first, last))
        };
        let ranges: Option<Vec<_>> = ranges.split(',').map(range).collect();
        Some(Self {
            word,
            ranges: ranges?,
        })
    }

    /// The word's bits for a value, or `None` where it has more bits than the field.
    fn place(&self, mut value: u64) -> Option<u64> {
        let mut word = 0;
        for (first, last) in &self.ranges {
            let width = last - first + 1;
            let mask = u64::MAX >> (u64::BITS - width);
            word |= (value & mask) << first;
            value = value.checked_shr(width).unwrap_or(0);
        }
        (value == 0).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields() -> BTreeMap<String, BitField> {
        [
            ("event", "config:0-7,32-35"),
            ("umask", "config:8-15"),
            ("inv", "config:23"),
            ("ldlat", "config1:0-15"),
        ]
        .into_iter()
        .map(|(name, format)| (name.to_owned(), BitField::parse(format).unwrap()))
        .collect()
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(
            event in "([a-z]{1,5}(=(0x)?[0-9a-f]{0,20})?,?){0,3}",
            format in "(config[12]?:)?[0-9,-]{0,9}"
        ) {
            let _ = EventCode::parse(&event, &fields());
            if let Some(field) = BitField::parse(&format) {
                let _ = field.place(u64::MAX);
            }
        }

        #[test]
        fn the_bits_of_a_value_are_all_placed_or_it_is_refused(value in 0u64..1 << 14) {
            let placed = fields()["event"].place(value);
            let fits = value < 1 << 12;
            prop_assert_eq!(placed.is_some(), fits);
            if let Some(word) = placed {
                prop_assert_eq!(word & 0xff, value & 0xff);
                prop_assert_eq!(word >> 32, value >> 8);
            }
        }
    }

    #[test]
    fn the_parts_of_an_event_go_where_its_format_says() {
        let code = |text| EventCode::parse(text, &fields()).map(|code| code.words);
        assert_eq!(code("event=0x2e,umask=0x41"), Some([0x412e, 0, 0]));
        assert_eq!(code("event=0x1c2,inv"), Some([0x1_0080_00c2, 0, 0]));
        assert_eq!(code("event=0xcd,ldlat=3"), Some([0xcd, 3, 0]));
        assert_eq!(code("event=0x2e,unknown=1"), None);
        assert_eq!(code("umask=0x100"), None);
    }

    #[test]
    fn a_field_of_a_whole_word_takes_every_value() {
        let whole = BitField::parse("config2:0-63").unwrap();
        assert_eq!(whole.place(u64::MAX), Some(u64::MAX));
        assert_eq!(BitField::parse("config:0-64"), None);
        assert_eq!(BitField::parse("config3:0-1"), None);
    }
}
