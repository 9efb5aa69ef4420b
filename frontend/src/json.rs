//! Reads JSON into the types of `shared-types`.
//!
//! The page reads some forty kinds of documents, and what serde derives for each of them is
//! multiplied by what its reader asks for. This reader asks for little: a structure is read as a list of
//! its fields, which the reader finds by their names, and never as a map; a text is handed over in one way, and an error is a place in the
//! document, so that no message is built into the WebAssembly that no reader would understand. Made
//! with `serde_json`, the page would be larger by a quarter.

mod fields;
mod float;
mod name;
mod reader;
mod text;

use std::fmt;

use serde::de::DeserializeOwned;

use reader::Reader;

/// Bytes of the document that a message quotes.
const QUOTED_BYTES: usize = 60;

/// Where a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// Bytes that were read before.
    place: usize,
    /// What stands there.
    quoted: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "not understood at byte {}, after `{}`",
            self.place, self.quoted
        )
    }
}

/// Reads a document.
pub(crate) fn from_str<T: DeserializeOwned>(document: &str) -> Result<T, Unreadable> {
    let mut reader = Reader::new(document);
    let read = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|_| unreadable(document, reader.place()))
}

#[inline(never)]
fn unreadable(document: &str, place: usize) -> Unreadable {
    let place = document.floor_char_boundary(place);
    let start = document.floor_char_boundary(place.saturating_sub(QUOTED_BYTES));
    Unreadable {
        place,
        quoted: document[start..place].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Document {
        name: String,
        count: u64,
        small: i8,
        share: Option<f64>,
        #[serde(default)]
        list: Vec<(u32, bool)>,
        by_number: BTreeMap<u16, Kind>,
        tagged: Tagged,
        unit: (),
        letter: char,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Plain,
        With(f64),
        Pair(i64, u8),
        Named { at: i64 },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { value: f64, more: Vec<u64> },
        Two { text: String, none: Option<i64> },
    }

    fn kind() -> impl Strategy<Value = Kind> {
        prop_oneof![
            Just(Kind::Plain),
            any::<f64>()
                .prop_filter("JSON has finite numbers alone", |it| it.is_finite())
                .prop_map(Kind::With),
            any::<(i64, u8)>().prop_map(|(first, second)| Kind::Pair(first, second)),
            any::<i64>().prop_map(|at| Kind::Named { at }),
        ]
    }

    fn tagged() -> impl Strategy<Value = Tagged> {
        prop_oneof![
            (
                -1e300..1e300_f64,
                proptest::collection::vec(any::<u64>(), 0..4)
            )
                .prop_map(|(value, more)| Tagged::One { value, more }),
            (".{0,8}", any::<Option<i64>>()).prop_map(|(text, none)| Tagged::Two { text, none }),
        ]
    }

    prop_compose! {
        fn document()(
            (name, count, small, share) in (
                "[\\x00-\\x7fäß\u{1f600}\\\\\"/]{0,16}",
                any::<u64>(),
                any::<i8>(),
                proptest::option::of(-1e-5..1e5_f64),
            ),
            list in proptest::collection::vec(any::<(u32, bool)>(), 0..5),
            by_number in proptest::collection::btree_map(any::<u16>(), kind(), 0..5),
            tagged in tagged(),
            letter in any::<char>(),
        ) -> Document {
            Document { name, count, small, share, list, by_number, tagged, unit: (), letter }
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e200..1e200_f64).prop_map(Value::from),
            ".{0,10}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(".{0,6}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(document in document()) {
            let compact = serde_json::to_string(&document).unwrap();
            prop_assert_eq!(from_str::<Document>(&compact), Ok(document.clone()), "{}", compact);
            let spaced = serde_json::to_string_pretty(&document).unwrap();
            prop_assert_eq!(from_str::<Document>(&spaced), Ok(document));
        }

        #[test]
        fn a_document_of_any_shape_is_read_as_the_usual_reader_does(value in any_json()) {
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(from_str::<Value>(&text), Ok(value));
        }

        #[test]
        fn what_is_cut_short_or_damaged_is_refused_where_the_usual_reader_refuses_it(
            document in document(),
            cut in any::<prop::sample::Index>(),
            put in "[\\]\\[{}:,\"0-9eE.+\\-ntf\\\\ \\x00]?",
        ) {
            let text = serde_json::to_string(&document).unwrap();
            let place = text.floor_char_boundary(cut.index(text.len()));
            let mut rest = text[place..].chars();
            rest.next();
            for damaged in [
                text[..place].to_owned(),
                format!("{}{put}{}", &text[..place], rest.as_str()),
            ] {
                let usual = serde_json::from_str::<Value>(&damaged);
                let ours = from_str::<Value>(&damaged);
                prop_assert_eq!(ours.ok(), usual.ok(), "{}", damaged);
            }
        }
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Optional {
        first: u8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<Vec<u8>>,
        third: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fourth: Vec<Self>,
        #[serde(default)]
        fifth: u16,
        last: bool,
    }

    fn optional() -> impl Strategy<Value = Optional> {
        let leaf = (
            any::<u8>(),
            any::<Option<Vec<u8>>>(),
            proptest::option::of(".{0,5}"),
            any::<u16>(),
            any::<bool>(),
        )
            .prop_map(|(first, second, third, fifth, last)| Optional {
                first,
                second,
                third,
                fourth: Vec::new(),
                fifth,
                last,
            });
        leaf.prop_recursive(3, 12, 3, |inner| {
            (inner.clone(), proptest::collection::vec(inner, 0..3))
                .prop_map(|(outer, fourth)| Optional { fourth, ..outer })
        })
    }

    /// The same document, with the names of its objects in another order and some more of them.
    fn shuffled(value: &Value, order: u64) -> String {
        match value {
            Value::Object(map) => {
                let mut items: Vec<String> = map
                    .iter()
                    .map(|(name, value)| format!("{name:?}:{}", shuffled(value, order / 7)))
                    .collect();
                items.push(r#""unknown":{"first":[{"last":"}"}]}"#.into());
                for place in (1..items.len()).rev() {
                    items.swap(
                        place,
                        usize::try_from(order).unwrap() / (place + 3) % (place + 1),
                    );
                }
                format!("{{{}}}", items.join(","))
            }
            Value::Array(list) => {
                let items: Vec<String> = list.iter().map(|it| shuffled(it, order / 5)).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.to_string(),
        }
    }

    proptest! {
        #[test]
        fn fields_are_found_in_any_order_and_between_others(
            value in optional(),
            order in any::<u64>(),
        ) {
            let text = shuffled(&serde_json::to_value(&value).unwrap(), order);
            prop_assert_eq!(from_str::<Optional>(&text), Ok(value), "{}", text);
        }

        #[test]
        fn a_field_that_is_missing_is_missed_where_the_usual_reader_misses_it(
            value in optional(),
            name in "first|second|third|fourth|fifth|last",
            order in any::<u64>(),
        ) {
            let mut object = serde_json::to_value(&value).unwrap();
            object.as_object_mut().unwrap().remove(&name);
            let text = shuffled(&object, order);
            let usual = serde_json::from_str::<Optional>(&text);
            prop_assert_eq!(from_str::<Optional>(&text).ok(), usual.ok(), "{}", text);
        }
    }

    #[test]
    fn an_unknown_name_is_passed_over_whatever_stands_there() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Small {
            kept: u8,
        }
        let text = r#"{"more":{"a":[1,{"b":"}\"]"}],"c":-1.5e3},"kept":7,"last":[null,true,""]}"#;
        assert_eq!(from_str::<Small>(text), Ok(Small { kept: 7 }));
    }

    #[test]
    fn nesting_without_end_is_refused_and_not_followed() {
        let deep = "[".repeat(100_000);
        assert!(from_str::<Value>(&deep).is_err());
        let deep = format!("{{\"more\":{}", "[".repeat(100_000));
        assert!(from_str::<Vec<Document>>(&format!("[{deep}")).is_err());
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        assert!(from_str::<u8>("256").is_err());
        assert!(from_str::<u8>("-1").is_err());
        assert!(from_str::<u64>("18446744073709551616").is_err());
        assert!(from_str::<u64>("1.0").is_err());
        assert_eq!(from_str::<i64>("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(from_str::<f64>("1e-7"), Ok(1e-7));
        assert!(from_str::<f64>("1e999").is_err());
    }

    #[test]
    fn a_message_says_where_and_after_what() {
        let message = from_str::<Vec<u8>>("[1,2,\"three\"]")
            .unwrap_err()
            .to_string();
        assert!(message.contains("`[1,2,"), "{message}");
    }
}
