//! Links between documents lead somewhere.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::Violation;
use super::tree::TextFile;

pub(super) fn check(files: &[TextFile], paths: &BTreeSet<String>) -> Vec<Violation> {
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    documents
        .flat_map(|document| check_document(document, files, paths))
        .collect()
}

fn check_document(
    document: &TextFile,
    files: &[TextFile],
    paths: &BTreeSet<String>,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (event, range) in Parser::new(&document.text).into_offset_iter() {
        let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event else {
            continue;
        };
        if is_elsewhere(&dest_url) {
            continue;
        }
        if let Some(reason) = broken(document, &dest_url, files, paths) {
            let line = document.text[..range.start].matches('\n').count();
            let message = format!("the link `{dest_url}` {reason}");
            violations.push(Violation::at_line(document, line, message));
        }
    }
    violations
}

fn is_elsewhere(link: &str) -> bool {
    link.contains("://") || link.starts_with("mailto:")
}

fn broken(
    document: &TextFile,
    link: &str,
    files: &[TextFile],
    paths: &BTreeSet<String>,
) -> Option<String> {
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.path.clone(),
        path => match resolve(&document.path, path) {
            Some(target) => target,
            None => return Some("leads out of the checkout".into()),
        },
    };
    let folder = format!("{target}/");
    let is_folder = target.is_empty() || paths.iter().any(|path| path.starts_with(&folder));
    if !paths.contains(&target) && !is_folder {
        return Some(format!("leads to `{target}`, which is not there"));
    }
    let text = files
        .iter()
        .find(|file| file.path == target && target.ends_with(".md"))?;
    let missing = !heading.is_empty() && !anchors(&text.text).contains(heading);
    missing.then(|| format!("names a heading that `{target}` does not have"))
}

/// `link` as seen from the document, relative to the top of the checkout.
fn resolve(document: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The anchors of a document's headings, as forges make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                anchors.extend(heading.take().map(|heading| anchor(&heading)));
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            _ => {}
        }
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c })
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(document: &str) -> Vec<String> {
        let files = [
            TextFile::new("docs/guide.md", document),
            TextFile::new("docs/faults.md", "# Faults\n## What the `disk` does\n"),
        ];
        let paths = [
            "docs/guide.md",
            "docs/faults.md",
            "docs/page.png",
            "store/src/lib.rs",
        ];
        let paths = paths.map(str::to_owned).into();
        check(&files, &paths)
            .into_iter()
            .map(|found| found.to_string())
            .collect()
    }

    #[test]
    fn links_that_lead_somewhere_are_accepted() {
        let document = "# Guide\n[a](faults.md) [b](faults.md#what-the-disk-does) [c](#guide)\n\
            ![d](page.png) [e](../store) [f](https://example.org/none.md) `[g](none.md)`";
        assert_eq!(reasons(document), Vec::<String>::new());
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found_with_its_line() {
        let expected = "docs/guide.md:3: the link `none.md` leads to `docs/none.md`, which is not \
            there";
        assert_eq!(reasons("# Guide\n\n[a](none.md)\n"), [expected]);
    }

    #[test]
    fn headings_images_and_escapes_are_checked() {
        let found = reasons("[a](faults.md#nothing) ![b](none.png) [c](../../secrets)");
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
