//! The page's files, straight from the folder into which Trunk builds them.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use flate2::Compression;
use percent_encoding::percent_decode_str;
use shared_types::object_key::ContentHash;

use super::security;
use crate::api::{gzip, names_tag};

/// The environment variable that names the folder of the built page.
pub const PAGE_FOLDER_VARIABLE: &str = "PERFLEET_PAGE_DIR";

/// Files kept in memory at most; a built page has about ten.
const KEPT_FILES_MAX: usize = 64;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_EACH_TIME: &str = "no-cache";

/// The folder of the built page: the one that was named, else that of the environment, else that of
/// the checkout from which this program was built.
pub(crate) fn find_folder(named: Option<&Path>) -> PathBuf {
    named
        .map(Path::to_owned)
        .or_else(|| std::env::var_os(PAGE_FOLDER_VARIABLE).map(PathBuf::from))
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend/dist"))
}

/// The built page.
pub(crate) struct Page {
    folder: PathBuf,
    kept: Mutex<HashMap<PathBuf, Arc<PageFile>>>,
}

/// What a browser asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageRequest {
    /// The path as it came, percent-encoded.
    pub(crate) path: String,
    /// The header `Accept`.
    pub(crate) accept: String,
    /// The header `Accept-Encoding`.
    pub(crate) accept_encoding: String,
    /// The header `If-None-Match`.
    pub(crate) if_none_match: Option<String>,
}

/// What it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// A file, read and with what is needed to send it.
#[derive(Debug)]
struct PageFile {
    modified: SystemTime,
    bytes: Vec<u8>,
    compressed: Option<Vec<u8>>,
    tag: String,
    content_type: &'static str,
    cache: &'static str,
    policy: String,
}

impl Page {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            kept: Mutex::default(),
        }
    }

    /// Answers with a file, with the page itself for an address that the page routes, or with what
    /// to do where the page was not built. Reads from the disk: to be called where that may block.
    pub(crate) fn answer(&self, request: &PageRequest) -> PageResponse {
        let Some(inside) = inside(&request.path) else {
            return PageResponse::text(400, "This address cannot be understood.\n");
        };
        if let Some(file) = self.file(&inside) {
            return self.send(request, &inside, &file);
        }
        // What is loaded by a page has an ending; an address that a person opens is the page's own
        // affair, even where it holds the dots of a version.
        let index = Path::new("index.html");
        let is_address =
            request.accept.contains("text/html") || inside.extension().is_none() || inside == index;
        if !is_address {
            return PageResponse::text(404, "There is no such file.\n");
        }
        match self.file(index) {
            Some(file) => self.send(request, index, &file),
            None => PageResponse::not_built(),
        }
    }

    fn file(&self, inside: &Path) -> Option<Arc<PageFile>> {
        let folder = self.folder.canonicalize().ok()?;
        let path = folder.join(inside).canonicalize().ok()?;
        // A link may lead out of the folder.
        if !path.starts_with(&folder) {
            return None;
        }
        let metadata = std::fs::metadata(&path)
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        let modified = metadata.modified().ok()?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = kept.get(&path)
            && file.modified == modified
            && file.bytes.len() as u64 == metadata.len()
        {
            return Some(Arc::clone(file));
        }
        let file = Arc::new(PageFile::read(&path, modified)?);
        if kept.len() >= KEPT_FILES_MAX {
            kept.clear();
        }
        kept.insert(path, Arc::clone(&file));
        Some(file)
    }

    fn send(&self, request: &PageRequest, inside: &Path, file: &PageFile) -> PageResponse {
        let mut headers = vec![
            ("etag", file.tag.clone()),
            ("cache-control", file.cache.to_owned()),
            ("vary", "accept-encoding".to_owned()),
            ("content-security-policy", file.policy.clone()),
        ];
        let known = request.if_none_match.as_deref();
        if known.is_some_and(|tags| names_tag(tags, &file.tag)) {
            return PageResponse {
                status: 304,
                headers,
                body: Vec::new(),
            };
        }
        headers.push(("content-type", file.content_type.to_owned()));
        let accepts = |coding| accepts_coding(&request.accept_encoding, coding);
        let built = |ending| self.compressed_beside(inside, ending, file.modified);
        let brotli = accepts("br").then(|| built("br")).flatten();
        let (coding, body) = if let Some(body) = brotli {
            (Some("br"), body)
        } else if accepts("gzip")
            && let Some(body) = built("gz").or_else(|| file.compressed.clone())
        {
            (Some("gzip"), body)
        } else {
            (None, file.bytes.clone())
        };
        headers.extend(coding.map(|coding| ("content-encoding", coding.to_owned())));
        PageResponse {
            status: 200,
            headers,
            body,
        }
    }

    /// A file's compressed form, where the build left one beside it that is not older.
    fn compressed_beside(
        &self,
        inside: &Path,
        ending: &str,
        modified: SystemTime,
    ) -> Option<Vec<u8>> {
        let mut name = inside.file_name()?.to_owned();
        name.push(".");
        name.push(ending);
        let file = self.file(&inside.with_file_name(name))?;
        (file.modified >= modified).then(|| file.bytes.clone())
    }
}

impl PageFile {
    fn read(path: &Path, modified: SystemTime) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        let (content_type, is_text) = content_type(path);
        let is_html = content_type.starts_with("text/html");
        let policy = security::policy(if is_html { &bytes } else { &[] });
        Some(Self {
            modified,
            compressed: if is_text {
                gzip(&bytes, Compression::default())
            } else {
                None
            },
            tag: format!("W/\"{}\"", ContentHash::of(&bytes)),
            content_type,
            cache: cache_control(path),
            policy,
            bytes,
        })
    }
}

impl PageResponse {
    fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "text/plain; charset=utf-8".to_owned()),
                ("cache-control", "no-store".to_owned()),
            ],
            body: text.as_bytes().to_vec(),
        }
    }

    fn not_built() -> Self {
        let html = include_str!("page_not_built.html");
        Self {
            status: 503,
            headers: vec![
                ("content-type", "text/html; charset=utf-8".to_owned()),
                ("cache-control", "no-store".to_owned()),
                ("content-security-policy", security::policy(&[])),
            ],
            body: html.as_bytes().to_vec(),
        }
    }
}

/// The path of a file inside the folder, or `None` for one that could lead out of it. The empty
/// path is the page itself.
pub fn inside(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path.strip_prefix('/')?)
        .decode_utf8()
        .ok()?;
    if decoded.contains(['\\', '\0']) {
        return None;
    }
    if decoded.is_empty() {
        return Some(PathBuf::from("index.html"));
    }
    let inside = PathBuf::from(decoded.as_ref());
    inside
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
        .then_some(inside)
}

/// What a browser is to be told of a file: its media type, and how long it may be kept.
#[cfg(feature = "aws")]
pub(crate) fn headers_of(path: &Path) -> (&'static str, &'static str) {
    (content_type(path).0, cache_control(path))
}

fn cache_control(path: &Path) -> &'static str {
    if is_named_by_content(path) {
        FOR_EVER
    } else {
        ASK_EACH_TIME
    }
}

/// The media type of a file, and whether compressing it is worth it.
fn content_type(path: &Path) -> (&'static str, bool) {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => ("text/html; charset=utf-8", true),
        Some("js" | "mjs") => ("text/javascript; charset=utf-8", true),
        Some("css") => ("text/css; charset=utf-8", true),
        Some("wasm") => ("application/wasm", true),
        Some("json" | "map") => ("application/json", true),
        Some("webmanifest") => ("application/manifest+json", true),
        Some("svg") => ("image/svg+xml", true),
        Some("txt" | "md") => ("text/plain; charset=utf-8", true),
        Some("png") => ("image/png", false),
        Some("ico") => ("image/x-icon", false),
        Some("woff2") => ("font/woff2", false),
        _ => ("application/octet-stream", false),
    }
}

/// Whether a file's name holds a hash of its content, as Trunk names what a page loads:
/// `page-0123456789abcdef.js`, `page-0123456789abcdef_bg.wasm`.
fn is_named_by_content(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.unwrap_or_default()
        .split(['-', '.', '_'])
        .any(|part| part.len() >= 15 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether the header `Accept-Encoding` names a coding and does not refuse it.
pub(crate) fn accepts_coding(header: &str, coding: &str) -> bool {
    header.split(',').any(|offer| {
        let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = matches!(
            weight.trim().strip_prefix("q=").map(str::trim),
            Some("0" | "0.0" | "0.00" | "0.000")
        );
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn built() -> (tempfile::TempDir, Page) {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        std::fs::create_dir(&dist).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(dist.join("index.html"), "<!doctype html><title>t</title>").unwrap();
        std::fs::write(dist.join("page-0123456789abcdef_bg.wasm"), "\0asm").unwrap();
        let page = Page::new(dist);
        (folder, page)
    }

    fn get(page: &Page, path: &str, accept: &str) -> PageResponse {
        page.answer(&PageRequest {
            path: path.to_owned(),
            accept: accept.to_owned(),
            ..PageRequest::default()
        })
    }

    fn header<'a>(response: &'a PageResponse, name: &str) -> Option<&'a str> {
        let found = response.headers.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| value.as_str())
    }

    proptest! {
        #[test]
        fn no_path_leads_out_of_the_folder(
            path in "/((\\.\\.|%2e%2e|%2E\\.|a|secret\\.txt|index\\.html|//|%2f|%5c|%00)/?){0,6}"
        ) {
            let (_folder, page) = built();
            let response = get(&page, &path, "*/*");
            prop_assert!(!response.body.windows(6).any(|part| part == b"secret"));
        }
    }

    #[test]
    fn a_link_that_leads_out_of_the_folder_is_not_followed() {
        let (folder, page) = built();
        std::os::unix::fs::symlink(
            folder.path().join("secret.txt"),
            folder.path().join("dist/link.txt"),
        )
        .unwrap();
        assert_eq!(get(&page, "/link.txt", "*/*").status, 404);
    }

    #[test]
    fn an_address_of_the_page_is_answered_with_the_page() {
        let (_folder, page) = built();
        for (path, accept) in [
            ("/", "*/*"),
            ("/compare", "*/*"),
            (
                "/compare/release-1.94.0..release-1.95.0",
                "text/html,*/*;q=0.8",
            ),
        ] {
            let response = get(&page, path, accept);
            assert_eq!(response.status, 200, "{path}");
            assert_eq!(header(&response, "cache-control"), Some(ASK_EACH_TIME));
        }
        assert_eq!(get(&page, "/missing.js", "*/*").status, 404);
    }

    #[test]
    fn what_is_named_by_its_content_is_kept_for_ever() {
        let (_folder, page) = built();
        let response = get(&page, "/page-0123456789abcdef_bg.wasm", "*/*");
        assert_eq!(header(&response, "content-type"), Some("application/wasm"));
        assert_eq!(header(&response, "cache-control"), Some(FOR_EVER));
    }

    #[test]
    fn a_page_that_was_not_built_says_how_to_build_it() {
        let folder = tempfile::tempdir().unwrap();
        let page = Page::new(folder.path().join("dist"));
        assert_eq!(get(&page, "/", "*/*").status, 503);
        let response = get(&page, "/compare", "text/html");
        assert_eq!(response.status, 503);
        let text = String::from_utf8(response.body).unwrap();
        assert!(text.contains("cargo xtask page"), "{text}");
    }

    #[test]
    fn a_file_that_is_built_again_is_read_again() {
        let (folder, page) = built();
        let before = get(&page, "/", "*/*");
        std::fs::write(
            folder.path().join("dist/index.html"),
            "<!doctype html>again",
        )
        .unwrap();
        let after = get(&page, "/", "*/*");
        assert_ne!(before.body, after.body);
        assert_ne!(header(&before, "etag"), header(&after, "etag"));
    }

    #[test]
    fn a_compressed_file_beside_the_file_is_sent_to_who_takes_it() {
        let (folder, page) = built();
        std::fs::write(folder.path().join("dist/index.html.br"), "brotli").unwrap();
        let mut request = PageRequest {
            path: "/".to_owned(),
            accept_encoding: "gzip, deflate, br".to_owned(),
            ..PageRequest::default()
        };
        let response = page.answer(&request);
        assert_eq!(header(&response, "content-encoding"), Some("br"));
        assert_eq!(response.body, b"brotli");
        request.accept_encoding = "br;q=0, gzip".to_owned();
        assert_eq!(
            header(&page.answer(&request), "content-encoding"),
            Some("gzip")
        );
        request.accept_encoding = String::new();
        assert_eq!(header(&page.answer(&request), "content-encoding"), None);
    }
}
