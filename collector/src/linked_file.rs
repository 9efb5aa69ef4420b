//! What the linker or the compiler wrote: how large its sections and symbols are.

use std::collections::BTreeMap;

use object::read::archive::ArchiveFile;
use object::{File, Object, ObjectSection, ObjectSymbol};

/// The sizes of a file's sections in bytes, by name: of a program, a library, or all objects of an
/// archive such as an `rlib`. A section that takes no place in the file (`.bss`) has the size that it
/// takes in memory. `None` of a file that is nothing of the kind.
pub(crate) fn sections(bytes: &[u8]) -> Option<BTreeMap<String, u64>> {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for object in objects(bytes)? {
        for section in object.sections() {
            if let (Ok(name), size @ 1..) = (section.name(), section.size()) {
                let sum = sizes.entry(section_name(name)).or_default();
                *sum = sum.saturating_add(size);
            }
        }
    }
    Some(sizes)
}

/// The sizes of a file's symbols in bytes, by the name that a person would call them; generic ones
/// that were compiled several times are taken together. `None` as with [`sections`].
pub(crate) fn symbols(bytes: &[u8]) -> Option<BTreeMap<String, SymbolSize>> {
    let mut sizes: BTreeMap<String, SymbolSize> = BTreeMap::new();
    for object in objects(bytes)? {
        for symbol in object.symbols() {
            if let (Ok(name), size @ 1..) = (symbol.name(), symbol.size()) {
                let sum = sizes.entry(generic_name(name)).or_default();
                sum.bytes = sum.bytes.saturating_add(size);
                sum.copies += 1;
            }
        }
    }
    Some(sizes)
}

/// All symbols of one readable name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SymbolSize {
    pub(crate) bytes: u64,
    pub(crate) copies: u64,
}

/// The name of a symbol without the hash that tells its copies apart. Compilers of different versions
/// mangle names differently, and are to call one function by one name: `core::num::<impl i8>::pow` is
/// `<i8>::pow`, and `{{closure}}` is `{closure}`.
pub(crate) fn readable_name(symbol: &str) -> String {
    // What the optimiser adds behind a name.
    let symbol = symbol.split(".llvm.").next().unwrap_or(symbol);
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    without_closure_numbers(&without_path_of_impl(&name))
}

/// The same without what a generic function was compiled for, so that all its copies have one name:
/// `Vec<T>::push::<u8>` is `Vec<T>::push`.
pub(crate) fn generic_name(symbol: &str) -> String {
    let name = readable_name(symbol);
    let mut short = String::with_capacity(name.len());
    let mut rest = name.as_str();
    while let Some(at) = rest.find("::<") {
        let (before, group) = rest.split_at(at);
        let Some(length) = bracketed(&group[2..]) else {
            break;
        };
        short.push_str(before);
        rest = &group[2 + length..];
    }
    short.push_str(rest);
    short
}

/// `a::b::<impl T>::f` as `<T>::f`, and `a::b::<impl Trait for T>::f` as `<T as Trait>::f`.
fn without_path_of_impl(name: &str) -> String {
    const IMPL: &str = "::<impl ";
    let Some(at) = name.find(IMPL) else {
        return name.to_owned();
    };
    // Further in, it is a part of a type.
    if name[..at].contains(['<', ' ']) {
        return name.to_owned();
    }
    let Some(length) = bracketed(&name[at + 2..]) else {
        return name.to_owned();
    };
    let inside = &name[at + IMPL.len()..at + 2 + length - 1];
    let rest = &name[at + 2 + length..];
    match inside.split_once(" for ") {
        Some((of_trait, of_type)) => format!("<{of_type} as {of_trait}>{rest}"),
        None => format!("<{inside}>{rest}"),
    }
}

/// `{{closure}}` and `{closure#1}` as `{closure}`.
fn without_closure_numbers(name: &str) -> String {
    let mut parts = name.replace("{{closure}}", "{closure}");
    while let Some(at) = parts.find("{closure#") {
        let Some(end) = parts[at..].find('}') else {
            break;
        };
        parts.replace_range(at..=at + end, "{closure}");
    }
    parts
}

/// How many bytes a text that begins with `<` has up to its own `>`; the `>` of `->` is none.
fn bracketed(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if before != b'-' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        before = byte;
    }
    None
}

/// In objects that are not linked yet each function has a section of its own, `.text.NAME`.
fn section_name(name: &str) -> String {
    if let Some(relocated) = name
        .strip_prefix(".rela")
        .filter(|rest| rest.starts_with('.'))
    {
        return format!(".rela{}", section_name(relocated));
    }
    const GATHERED: [&str; 6] = [
        ".text",
        ".rodata",
        ".data.rel.ro",
        ".data",
        ".bss",
        ".gcc_except_table",
    ];
    let gathered = GATHERED.iter().find(|section| {
        let rest = name.strip_prefix(*section);
        rest.is_some_and(|rest| rest.starts_with('.'))
    });
    gathered.map_or_else(|| name.to_owned(), |section| (*section).to_owned())
}

fn objects(bytes: &[u8]) -> Option<Vec<File<'_>>> {
    if let Ok(object) = File::parse(bytes) {
        return Some(vec![object]);
    }
    let archive = ArchiveFile::parse(bytes).ok()?;
    let members = archive.members().filter_map(Result::ok);
    // What is no object, such as a crate's metadata, has neither.
    let objects = members.filter_map(|member| File::parse(member.data(bytes).ok()?).ok());
    Some(objects.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn this_very_program_has_code_data_and_readable_symbols() {
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let sections = sections(&bytes).unwrap();
        assert!(sections[".text"] > 10_000);
        assert!(sections[".bss"] > 0);
        let symbols = symbols(&bytes).unwrap();
        let own = "collector::linked_file::readable_name";
        assert!(symbols[own].bytes > 0, "{own}");
        assert_eq!(symbols[own].copies, 1);
    }

    #[test]
    fn a_name_has_no_hash_and_the_functions_of_an_object_share_a_section() {
        assert_eq!(
            readable_name("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE.llvm.123"),
            "core::fmt::Write::write_fmt"
        );
        assert_eq!(
            section_name(".text._ZN4tiny7doubled17h0123456789abcdefE"),
            ".text"
        );
        assert_eq!(section_name(".data.rel.ro.anon.1"), ".data.rel.ro");
        assert_eq!(section_name(".textual"), ".textual");
        assert_eq!(section_name(".rela.text._RNvC4tiny7doubled"), ".rela.text");
        assert_eq!(section_name(".rela.dyn"), ".rela.dyn");
        assert_eq!(section_name(".eh_frame"), ".eh_frame");
    }

    #[test]
    fn one_function_has_one_name_however_it_was_mangled() {
        let pairs = [
            (
                "core::num::<impl i8>::from_ascii_radix",
                "<i8>::from_ascii_radix",
            ),
            (
                "a::b::<impl core::fmt::Display for a::T<u8>>::fmt",
                "<a::T<u8> as core::fmt::Display>::fmt",
            ),
            (
                "a::f::{{closure}}::{{closure}}",
                "a::f::{closure}::{closure}",
            ),
            (
                "a::f::{closure#0}::{closure#12}",
                "a::f::{closure}::{closure}",
            ),
            ("<a::T as b::<impl c>::D>::e", "<a::T as b::<impl c>::D>::e"),
        ];
        for (mangled, name) in pairs {
            assert_eq!(readable_name(mangled), name);
        }
        let generic = [
            ("a::push::<u8>", "a::push"),
            (
                "<a::Vec<u8>>::push::<b::C<d>>::{closure#0}",
                "<a::Vec<u8>>::push::{closure}",
            ),
            ("a::map::<fn(u8) -> u8, b>", "a::map"),
            ("a::half::<open", "a::half::<open"),
        ];
        for (mangled, name) in generic {
            assert_eq!(generic_name(mangled), name);
        }
    }

    proptest! {
        #[test]
        fn whatever_the_symbol_its_name_is_found(symbol in "(::<impl |::<|[<>{}#]|->| for |closure|[a-zé]){0,20}") {
            let _ = generic_name(&symbol);
        }

        #[test]
        fn whatever_the_bytes_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), archive: bool) {
            let mut bytes = bytes;
            let magic: &[u8] = if archive { b"!<arch>\n" } else { b"\x7fELF\x02\x01\x01\0" };
            bytes.splice(0..0, magic.iter().copied());
            let _ = sections(&bytes);
            let _ = symbols(&bytes);
        }
    }
}
