//! How an archive is compressed.

use std::io::{BufRead, Read};

/// The most memory that unpacking one xz archive may take, in KiB. rustc's own archives are packed
/// with dictionaries of 64 MiB, and xz's strongest setting takes as much.
const XZ_MEMORY_KIB_MAX: u32 = 512 * 1_024;

/// How an archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// `.tar.xz`.
    Xz,
    /// `.tar.gz`.
    Gzip,
}

impl Compression {
    /// The compression that the end of a file name tells.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let ends = [(Self::Xz, ".tar.xz"), (Self::Gzip, ".tar.gz")];
        let found = ends.into_iter().find(|(_, end)| name.ends_with(end));
        found.map(|(compression, _)| compression)
    }

    /// What is in the archive.
    pub(super) fn reader<'a>(self, archive: impl BufRead + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(
                archive,
                true,
                XZ_MEMORY_KIB_MAX,
            )),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(archive)),
        }
    }
}
