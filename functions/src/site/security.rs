//! The headers that tell a browser what a page of ours may do: load from this server, and nothing
//! else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Sent with every answer.
pub(super) const ALWAYS: [(&str, &str); 3] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// The content security policy of a document. The scripts that are written into it, such as the one
/// by which Trunk starts the WebAssembly, are allowed by their hash, and no others are.
pub(super) fn policy(html: &[u8]) -> String {
    let html = String::from_utf8_lossy(html);
    let hashes: String = inline_scripts(&html)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// The text of every script that is not loaded from elsewhere.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script")?;
        let loaded = attributes
            .split_ascii_whitespace()
            .any(|attribute| attribute.starts_with("src="));
        (!loaded).then_some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_in_the_page_is_allowed_by_its_hash_alone() {
        let html = br#"<script src="/a.js"></script><script type="module">start()</script>"#;
        let policy = policy(html);
        let expected = format!("'sha256-{}'", STANDARD.encode(Sha256::digest("start()")));
        assert_eq!(policy.matches("'sha256-").count(), 1);
        assert!(policy.contains(&expected), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }
}
