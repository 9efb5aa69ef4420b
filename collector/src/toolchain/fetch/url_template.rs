//! URL templates: where a build's archives are.

use std::fmt;
use std::str::FromStr;

use super::compression::Compression;

/// The URL of an archive, with placeholders for what differs from build to build:
/// `https://ci.example.org/builds/{sha}/{component}-nightly-{target}.tar.xz`.
///
/// The host is always written out, so that no name of an artifact can lead to another one, and no
/// URL holds a password or a query, which would end up in logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlTemplate {
    parts: Vec<Part>,
    compression: Compression,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Placeholder(Placeholder),
}

/// What stands in braces in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// The full sha of the commit.
    Sha,
    /// The version of a release: `1.95.0`.
    Version,
    /// The day of a nightly: `2026-05-19`.
    Date,
    /// The component: `rustc`.
    Component,
    /// The target triple.
    Target,
}

impl Placeholder {
    const ALL: [Self; 5] = [
        Self::Sha,
        Self::Version,
        Self::Date,
        Self::Component,
        Self::Target,
    ];

    /// Its name, without the braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha => "sha",
            Self::Version => "version",
            Self::Date => "date",
            Self::Component => "component",
            Self::Target => "target",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl UrlTemplate {
    /// The placeholders that it has.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Placeholder(placeholder) => Some(*placeholder),
        })
    }

    /// How the archives are compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Whether what it names is transferred by TLS.
    pub fn is_https(&self) -> bool {
        matches!(self.parts.first(), Some(Part::Literal(text)) if text.starts_with("https://"))
    }

    /// The URL, or the placeholder that there is no value for.
    ///
    /// # Errors
    /// When `value` has nothing for a placeholder.
    pub fn fill<'a>(
        &self,
        value: impl Fn(Placeholder) -> Option<&'a str>,
    ) -> Result<String, Placeholder> {
        let mut url = String::new();
        for part in &self.parts {
            url.push_str(match part {
                Part::Literal(text) => text,
                Part::Placeholder(placeholder) => value(*placeholder).ok_or(*placeholder)?,
            });
        }
        Ok(url)
    }
}

impl fmt::Display for UrlTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Literal(text) => formatter.write_str(text)?,
                Part::Placeholder(placeholder) => write!(formatter, "{{{}}}", placeholder.name())?,
            }
        }
        Ok(())
    }
}

impl FromStr for UrlTemplate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        check_url(text)?;
        let parts = parts(text)?;
        let compression = match parts.last() {
            Some(Part::Literal(end)) => Compression::of_name(end),
            _ => None,
        };
        let compression =
            compression.ok_or_else(|| "it has to end with `.tar.xz` or `.tar.gz`".to_owned())?;
        let template = Self { parts, compression };
        if !template
            .placeholders()
            .any(|placeholder| placeholder == Placeholder::Component)
        {
            return Err(
                "it has no `{component}`, so that all components would have one archive".to_owned(),
            );
        }
        Ok(template)
    }
}

/// Refuses what is no plain URL of a file, whatever its placeholders stand for.
fn check_url(text: &str) -> Result<(), String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or_else(|| "it begins neither with `https://` nor with `http://`".to_owned())?;
    let is_plain = |letter: char| letter.is_ascii_graphic() && !"?#@\\\"<>^`|".contains(letter);
    if let Some(letter) = text.chars().find(|letter| !is_plain(*letter)) {
        return Err(format!("a URL of an archive holds no {letter:?}"));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.is_empty() || host.contains(['{', '}']) {
        return Err("its host has to be written out".to_owned());
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("its path holds `.` or `..`".to_owned());
    }
    Ok(())
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (literal, braced) = rest.split_at(at);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        let (name, after) = braced
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .ok_or_else(|| "a brace in it has no partner".to_owned())?;
        let placeholder = Placeholder::named(name).ok_or_else(|| {
            let known = Placeholder::ALL.map(|known| format!("{{{}}}", known.name()));
            format!(
                "there is no placeholder `{{{name}}}`; there are {}",
                known.join(", ")
            )
        })?;
        parts.push(Part::Placeholder(placeholder));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RUSTC: &str =
        "https://ci-artifacts.rust-lang.org/rustc-builds/{sha}/{component}-nightly-{target}.tar.xz";

    fn refusal(text: &str) -> String {
        text.parse::<UrlTemplate>().unwrap_err()
    }

    proptest! {
        #[test]
        fn a_template_that_is_accepted_is_printed_as_it_came(
            text in prop_oneof![
                ".{0,60}",
                "https?://[a-z{}.]{0,9}(/|[{]sha[}]|[{]component[}]|[{]target[}]|[a-z.{}]{0,4}){0,6}([.]tar[.](xz|gz))?",
            ]
        ) {
            if let Ok(template) = text.parse::<UrlTemplate>() {
                prop_assert_eq!(template.to_string(), text);
            }
        }

        #[test]
        fn a_filled_template_has_its_own_host_and_no_braces(
            host in "[a-z]{1,8}([.][a-z]{2,5})?(:[0-9]{2,4})?",
            path in "(/([a-z]{1,4}|[{](sha|target|component)[}]|-){1,4}){0,4}",
            sha in "[0-9a-f]{40}",
        ) {
            let text = format!("http://{host}{path}/{{component}}.tar.gz");
            let template: UrlTemplate = text.parse().unwrap();
            let url = template
                .fill(|placeholder| match placeholder {
                    Placeholder::Sha => Some(sha.as_str()),
                    Placeholder::Component => Some("rustc"),
                    Placeholder::Target => Some("x86_64-unknown-linux-gnu"),
                    _ => None,
                })
                .unwrap();
            let start = format!("http://{host}/");
            prop_assert!(url.starts_with(&start), "{}", url);
            prop_assert!(!url.contains(['{', '}']), "{}", url);
            prop_assert_eq!(url.contains(&sha), text.contains("{sha}"));
        }
    }

    #[test]
    fn the_scheme_of_rustc_is_filled_in() {
        let template: UrlTemplate = RUSTC.parse().unwrap();
        assert_eq!(template.compression(), Compression::Xz);
        assert!(template.is_https());
        let url = template.fill(|placeholder| match placeholder {
            Placeholder::Sha => Some("e50aa6fba4e63ab34c72bf9acfd2c307c1155d1a"),
            Placeholder::Component => Some("rust-std"),
            Placeholder::Target => Some("x86_64-unknown-linux-gnu"),
            _ => None,
        });
        assert_eq!(
            url.unwrap(),
            "https://ci-artifacts.rust-lang.org/rustc-builds/\
             e50aa6fba4e63ab34c72bf9acfd2c307c1155d1a/\
             rust-std-nightly-x86_64-unknown-linux-gnu.tar.xz"
        );
        let nothing = template.fill(|_| None);
        assert_eq!(nothing, Err(Placeholder::Sha));
    }

    #[test]
    fn what_could_lead_elsewhere_or_names_no_archive_is_refused_with_the_reason() {
        for (text, reason) in [
            ("ftp://h/{component}.tar.xz", "begins neither"),
            ("https://{sha}.example.org/{component}.tar.xz", "host"),
            ("https:///{component}.tar.xz", "host"),
            ("https://me:secret@h/{component}.tar.xz", "'@'"),
            ("https://h/{component}.tar.xz?key=1", "'?'"),
            ("https://h/../{component}.tar.xz", "`..`"),
            ("https://h/{commit}/{component}.tar.xz", "`{commit}`"),
            ("https://h/{component.tar.xz", "partner"),
            ("https://h/component}.tar.xz", "partner"),
            ("https://h/{component}.zip", ".tar.xz"),
            ("https://h/{component}", ".tar.xz"),
            ("https://h/{sha}.tar.gz", "`{component}`"),
        ] {
            let refusal = refusal(text);
            assert!(refusal.contains(reason), "{text}: {refusal}");
        }
    }
}
