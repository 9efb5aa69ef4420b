//! Which version of the C library a binary needs: one that is newer than the runtime's fails there
//! at its start, and nowhere before.

use std::fmt;

use object::Endianness;
use object::elf::FileHeader64;
use object::read::elf::FileHeader;

use crate::error::Error;

/// What Amazon Linux 2023, and with it `provided.al2023`, has.
pub(super) const OF_THE_RUNTIME: Version = Version {
    major: 2,
    minor: 34,
};

/// A version of the C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// The newest version whose symbols an ELF binary of 64 bits asks for.
pub(super) fn needed(binary: &[u8]) -> Result<Version, Error> {
    let names = needed_versions(binary).map_err(|error| Error::NotUnderstood {
        what: "a built function".into(),
        reason: error.to_string(),
    })?;
    names
        .iter()
        .filter_map(|name| read(name))
        .max()
        .ok_or_else(|| Error::NotUnderstood {
            what: "a built function".into(),
            reason: "it names no version of glibc: was it linked with another C library?".into(),
        })
}

fn needed_versions(binary: &[u8]) -> Result<Vec<String>, object::read::Error> {
    let header = FileHeader64::<Endianness>::parse(binary)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, binary)?;
    let mut names = Vec::new();
    let Some((mut libraries, strings)) = sections.gnu_verneed(endian, binary)? else {
        return Ok(names);
    };
    let strings = sections.strings(endian, binary, strings)?;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            names.push(String::from_utf8_lossy(version.name(endian, strings)?).into_owned());
        }
    }
    Ok(names)
}

/// `GLIBC_2.34`, `GLIBC_2.2.5`: the third part tells nothing.
fn read(name: &str) -> Option<Version> {
    let mut parts = name.strip_prefix("GLIBC_")?.split('.');
    Some(Version {
        major: parts.next()?.parse().ok()?,
        minor: parts.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert_eq!(read("GLIBC_2.2.5"), Some(version(2, 2)));
        assert!(read("GLIBC_2.34") > read("GLIBC_2.4"));
        assert_eq!(read("GLIBC_PRIVATE"), None);
        assert_eq!(read("GCC_3.0"), None);
    }

    #[test]
    #[cfg(target_env = "gnu")]
    fn this_very_program_needs_some_version() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(needed(&own).unwrap() >= version(2, 2));
    }

    #[test]
    fn what_is_no_binary_is_refused() {
        let message = needed(b"#!/bin/sh\n").unwrap_err().to_string();
        assert!(message.contains("a built function"), "{message}");
    }
}
