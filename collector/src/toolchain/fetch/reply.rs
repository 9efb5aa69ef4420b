//! What a server's answer means for a file of which a part may be here already.

use std::time::Duration;

/// What is here of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// How many bytes, from the file's beginning.
    pub(super) bytes: u64,
    /// The length of the whole file, in bytes, where the server told it.
    pub(super) length: Option<u64>,
    /// What the server said by which a changed file can be told: its strong entity tag, else the
    /// time of its last change.
    pub(super) validator: Option<String>,
}

impl Part {
    /// Whether this is the whole file.
    pub(super) fn is_whole(&self) -> bool {
        self.bytes > 0 && self.length == Some(self.bytes)
    }

    /// The validator to ask for the rest with, where the rest may be asked for: without one,
    /// nobody could tell that the file has changed in between.
    pub(super) fn resumes_by(&self) -> Option<&str> {
        self.validator.as_deref().filter(|_| self.bytes > 0)
    }
}

/// The head of a server's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReplyHead {
    /// The status of HTTP.
    pub(super) status: u16,
    /// How many bytes follow, where the server says so.
    pub(super) length: Option<u64>,
    /// The field `Content-Range`.
    pub(super) content_range: Option<String>,
    /// As in [`Part`].
    pub(super) validator: Option<String>,
    /// When to come again, in seconds from now.
    pub(super) retry_after: Option<Duration>,
}

/// What to do with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// What follows is the whole file, of this length where that is known.
    Whole { length: Option<u64> },
    /// What follows belongs behind what is here; the whole file is so long.
    Rest { length: u64 },
    /// What is here belongs to another file: drop it and ask again.
    StartOver,
    /// There is no such file.
    Missing,
    /// It will not be given, however often it is asked for.
    Refused(String),
    /// It may be given later.
    Later {
        reason: String,
        after: Option<Duration>,
    },
}

/// Judges the answer to a request that asked for what is missing behind `part`.
pub(super) fn judge(part: &Part, head: &ReplyHead) -> Reply {
    let status = head.status;
    match status {
        200 => Reply::Whole {
            length: head.length,
        },
        206 if part.resumes_by().is_some() => rest(part, head),
        // Part of what was asked for, though nothing was asked for in part.
        206 => Reply::Refused("the server gave a part of the file (HTTP 206)".to_owned()),
        404 | 410 => Reply::Missing,
        416 if part.resumes_by().is_some() => Reply::StartOver,
        408 | 425 | 429 | 500..=599 => Reply::Later {
            reason: format!("the server answered HTTP {status}"),
            after: head.retry_after,
        },
        401 | 403 => Reply::Refused(format!(
            "the server answered HTTP {status}: it gives the file to nobody, or not to this host; \
             some object stores say so of what they do not have"
        )),
        _ => Reply::Refused(format!("the server answered HTTP {status}")),
    }
}

fn rest(part: &Part, head: &ReplyHead) -> Reply {
    let range = head.content_range.as_deref().and_then(ContentRange::parse);
    let Some(ContentRange { first, last, total }) = range else {
        return Reply::StartOver;
    };
    let follows = first == part.bytes && last.checked_add(1) == Some(total);
    let same_length = part.length.is_none_or(|length| length == total);
    let same_file = match (&head.validator, &part.validator) {
        (Some(now), Some(before)) => now == before,
        _ => true,
    };
    if follows && same_length && same_file {
        Reply::Rest { length: total }
    } else {
        Reply::StartOver
    }
}

/// `bytes 100-199/200`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ContentRange {
    first: u64,
    last: u64,
    total: u64,
}

impl ContentRange {
    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |digits: &str| digits.trim().parse::<u64>().ok();
        Some(Self {
            first: number(first)?,
            last: number(last)?,
            total: number(total)?,
        })
    }
}

/// The validator of an answer. A weak entity tag says that two files mean the same, not that their
/// bytes are the same.
pub(super) fn validator(entity_tag: Option<&str>, last_modified: Option<&str>) -> Option<String> {
    entity_tag
        .filter(|tag| tag.starts_with('"'))
        .or(last_modified)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(bytes: u64, length: Option<u64>) -> Part {
        Part {
            bytes,
            length,
            validator: Some("\"a\"".to_owned()),
        }
    }

    fn head(status: u16, range: &str) -> ReplyHead {
        ReplyHead {
            status,
            content_range: Some(range.to_owned()),
            validator: Some("\"a\"".to_owned()),
            ..ReplyHead::default()
        }
    }

    proptest! {
        #[test]
        fn nothing_is_put_behind_what_it_does_not_follow(
            bytes in 0_u64..50, first in 0_u64..50, last in 0_u64..60, total in 0_u64..60,
            known in proptest::option::of(0_u64..60), status in prop_oneof![Just(206_u16), 100_u16..600],
            tag in "\"[ab]\"",
        ) {
            let part = part(bytes, known);
            let mut head = head(status, &format!("bytes {first}-{last}/{total}"));
            head.validator = Some(tag.clone());
            if let Reply::Rest { length } = judge(&part, &head) {
                prop_assert_eq!(status, 206);
                prop_assert!(bytes > 0 && first == bytes && length == last + 1);
                prop_assert!(known.is_none_or(|known| known == length));
                prop_assert_eq!(tag, "\"a\"");
            }
        }

        #[test]
        fn any_range_is_read_without_panic(text in "(bytes )?[-0-9*/ ]{0,20}.{0,3}") {
            let _ = ContentRange::parse(&text);
        }
    }

    #[test]
    fn each_status_has_its_meaning() {
        let nothing = Part::default();
        let of = |status| judge(&nothing, &head(status, ""));
        assert_eq!(of(200), Reply::Whole { length: None });
        assert_eq!(of(404), Reply::Missing);
        assert_eq!(of(410), Reply::Missing);
        for status in [400, 401, 403, 206, 301, 416] {
            assert!(matches!(of(status), Reply::Refused(_)), "{status}");
        }
        for status in [408, 429, 500, 503] {
            assert!(matches!(of(status), Reply::Later { .. }), "{status}");
        }
    }

    #[test]
    fn a_file_that_has_changed_is_started_over() {
        let begun = part(10, Some(20));
        let same = head(206, "bytes 10-19/20");
        assert_eq!(judge(&begun, &same), Reply::Rest { length: 20 });
        let mut other = same.clone();
        other.validator = Some("\"b\"".to_owned());
        assert_eq!(judge(&begun, &other), Reply::StartOver);
        assert_eq!(
            judge(&begun, &head(206, "bytes 10-29/30")),
            Reply::StartOver
        );
        assert_eq!(judge(&begun, &head(206, "nonsense")), Reply::StartOver);
        assert_eq!(judge(&begun, &head(416, "bytes */5")), Reply::StartOver);
    }

    #[test]
    fn a_weak_entity_tag_does_not_tell_bytes_apart() {
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(validator(Some("\"a\""), date).unwrap(), "\"a\"");
        assert_eq!(validator(Some("W/\"a\""), date).as_deref(), date);
        assert_eq!(validator(Some("W/\"a\""), None), None);
    }
}
