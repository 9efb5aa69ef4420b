//! Takes away from a module of WebAssembly what it exports and nothing calls, before it is cut: what is
//! exported counts as used, with all that it calls.

use crate::error::Error;

/// In the names of all that `wasm-streams` exports. It comes with Leptos, for functions that run on a
/// server, and the page has none.
const UNUSED: &str = "intounderlying";

/// The number of the section that lists what is exported.
const EXPORT_SECTION: u8 = 7;

/// The mark and the version that a module begins with.
const HEADER_BYTES: usize = 8;

/// The module without those exports.
///
/// # Errors
/// When it is no module.
pub(super) fn without_unused_exports(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = Bytes { rest: module };
    let mut kept = bytes.take(HEADER_BYTES)?.to_vec();
    while !bytes.rest.is_empty() {
        let id = bytes.byte()?;
        let length = bytes.number()?;
        let content = bytes.take(length)?;
        let exports;
        let content = if id == EXPORT_SECTION {
            exports = used_exports(content)?;
            &exports
        } else {
            content
        };
        kept.push(id);
        kept.extend(written(content.len()));
        kept.extend(content);
    }
    Ok(kept)
}

fn used_exports(section: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = Bytes { rest: section };
    let count = bytes.number()?;
    let mut kept = Vec::new();
    for _ in 0..count {
        let all = bytes.rest;
        let length = bytes.number()?;
        let name = String::from_utf8_lossy(bytes.take(length)?);
        bytes.byte()?;
        bytes.number()?;
        if !name.contains(UNUSED) {
            kept.push(&all[..all.len() - bytes.rest.len()]);
        }
    }
    Ok([written(kept.len()), kept.concat()].concat())
}

/// What is left to read.
struct Bytes<'m> {
    rest: &'m [u8],
}

impl<'m> Bytes<'m> {
    fn take(&mut self, length: usize) -> Result<&'m [u8], Error> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(not_understood)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    /// A number of seven bits a byte, the lowest first (LEB128).
    fn number(&mut self) -> Result<usize, Error> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(not_understood())
    }
}

/// A number as [`Bytes::number`] reads it.
fn written(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn not_understood() -> Error {
    Error::NotUnderstood {
        what: "the page's WebAssembly, as cargo compiled it".into(),
        reason: "a section ends before what is in it".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(exports: &[&str]) -> Vec<u8> {
        let mut section = written(exports.len());
        for name in exports {
            section.extend(written(name.len()));
            section.extend(name.as_bytes());
            // A function, by a number of two bytes.
            section.extend([0, 0x80, 1]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (id, content) in [(1, vec![0]), (EXPORT_SECTION, section), (0, vec![7; 200])] {
            module.push(id);
            module.extend(written(content.len()));
            module.extend(content);
        }
        module
    }

    #[test]
    fn exports_that_nothing_calls_are_gone_and_all_else_is_as_it_was() {
        let given = module(&[
            "memory",
            "intounderlyingsource_pull",
            "__wbg_intounderlyingsink_free",
            "main",
        ]);
        let kept = without_unused_exports(&given).unwrap();
        assert_eq!(kept, module(&["memory", "main"]));
        assert_eq!(without_unused_exports(&kept).unwrap(), kept);
    }

    #[test]
    fn a_module_that_is_cut_short_is_refused() {
        let whole = module(&["memory"]);
        for length in [0, 7, 9, 12, whole.len() - 1] {
            assert!(
                without_unused_exports(&whole[..length]).is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn numbers_have_seven_bits_a_byte() {
        assert_eq!(written(0), [0]);
        assert_eq!(written(127), [0x7f]);
        assert_eq!(written(624_485), [0xe5, 0x8e, 0x26]);
        let mut bytes = Bytes {
            rest: &[0xe5, 0x8e, 0x26],
        };
        assert_eq!(bytes.number().unwrap(), 624_485);
    }
}
