//! The texts of `/proc` and `/sys`.

/// The first value of a field in the text of `/proc/cpuinfo`.
pub fn cpu_field(cpuinfo: &str, field: &str) -> Option<String> {
    let value = cpuinfo.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == field).then(|| value.trim().to_owned())
    })?;
    (!value.is_empty()).then_some(value)
}

/// A field in the text of `/proc/meminfo`, in kilobytes of 1,024 bytes.
pub fn kilobytes(meminfo: &str, field: &str) -> Option<u64> {
    let rest = meminfo
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    let mut words = rest.split_ascii_whitespace();
    let value = words.next()?.parse().ok()?;
    (words.next() == Some("kB")).then_some(value)
}

/// How many processors a list such as `0-3,6` names.
pub fn number(list: &str) -> Option<u32> {
    list.trim().split(',').try_fold(0_u32, |number, range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        number.checked_add(last.checked_sub(first)?.checked_add(1)?)
    })
}

/// A file that holds `0` or `1`.
pub fn switched_on(text: &str) -> Option<bool> {
    match text.trim() {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// The word that is chosen in a list such as `always [madvise] never`.
pub fn chosen_word(text: &str) -> Option<String> {
    let mut words = text.split_ascii_whitespace();
    words.find_map(|word| Some(word.strip_prefix('[')?.strip_suffix(']')?.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(.{0,12}|[0-9,-]{0,12}|MemTotal: [0-9]{0,30} kB)\n?") {
            let _ = (cpu_field(&text, "model name"), kilobytes(&text, "MemTotal"));
            let _ = (number(&text), switched_on(&text), chosen_word(&text));
        }

        #[test]
        fn a_range_of_processors_is_counted_with_both_ends(first in 0u32..99, more in 0u32..99) {
            let list = format!("{first}-{}", first + more);
            prop_assert_eq!(number(&list), Some(more + 1));
        }
    }

    #[test]
    fn the_chosen_word_is_the_one_in_brackets() {
        assert_eq!(
            chosen_word("always [madvise] never\n"),
            Some("madvise".to_owned())
        );
        assert_eq!(chosen_word("always madvise never"), None);
    }

    #[test]
    fn several_ranges_are_added() {
        assert_eq!(number("0-3,6,8-9\n"), Some(7));
        assert_eq!(number("3-0"), None);
        assert_eq!(number(""), None);
    }
}
