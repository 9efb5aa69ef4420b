//! Whether a payload comes from who knows the secret: HMAC-SHA256 over the bytes as they came
//! (RFC 2104), compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Secret;

const PREFIX: &str = "sha256=";

/// Whether `header` (`sha256=` and 64 hexadecimal digits) is the signature of `body`.
pub fn is_signed(secret: &Secret, header: Option<&str>, body: &[u8]) -> bool {
    let Some(signature) = header
        .and_then(|header| header.strip_prefix(PREFIX))
        .and_then(bytes)
    else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

/// The header by which `body` is signed. GitHub writes it; tests do, too.
pub fn signature_of(secret: &Secret, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(body);
    let digits: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(format!("{PREFIX}{digits}"))
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    if !hexadecimal.is_ascii() || !hexadecimal.len().is_multiple_of(2) {
        return None;
    }
    (0..hexadecimal.len())
        .step_by(2)
        .map(|start| u8::from_str_radix(&hexadecimal[start..start + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_githubs_documentation_is_signed() {
        let secret = Secret::new("It's a Secret to Everybody");
        let header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_signed(&secret, Some(header), b"Hello, World!"));
        assert!(!is_signed(&secret, Some(header), b"Hello, World"));
        assert!(!is_signed(
            &Secret::new("another"),
            Some(header),
            b"Hello, World!"
        ));
    }

    proptest! {
        #[test]
        fn what_is_signed_is_accepted_and_no_byte_of_it_may_change(
            body in proptest::collection::vec(any::<u8>(), 1..60), place: prop::sample::Index, change in 1u8..
        ) {
            let secret = Secret::new("0123456789abcdef");
            let header = signature_of(&secret, &body).unwrap();
            prop_assert!(is_signed(&secret, Some(&header), &body));
            let mut other = body.clone();
            let place = place.index(other.len());
            other[place] ^= change;
            prop_assert!(!is_signed(&secret, Some(&header), &other));
        }

        #[test]
        fn any_header_is_answered(header in "(sha256=)?[0-9a-fé+ ]{0,70}") {
            prop_assert!(!is_signed(&Secret::new("0123456789abcdef"), Some(&header), b"body"));
        }
    }

    #[test]
    fn without_a_signature_nothing_is_signed() {
        assert!(!is_signed(&Secret::new("0123456789abcdef"), None, b"body"));
    }
}
