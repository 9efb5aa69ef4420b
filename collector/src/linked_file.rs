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
                let sum = sizes.entry(readable_name(name)).or_default();
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

/// The name of a symbol without the hash that tells its copies apart.
pub(crate) fn readable_name(symbol: &str) -> String {
    // What the optimiser adds behind a name.
    let symbol = symbol.split(".llvm.").next().unwrap_or(symbol);
    format!("{:#}", rustc_demangle::demangle(symbol))
}

/// In objects that are not linked yet each function has a section of its own, `.text.NAME`.
fn section_name(name: &str) -> String {
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
        assert_eq!(section_name(".eh_frame"), ".eh_frame");
    }

    proptest! {
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
