//! What a monitoring system reads of a program: Prometheus' text format 0.0.4.

use std::fmt::Write;

/// The media type of the text.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How the numbers of a family are to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyKind {
    /// They only grow as long as the program runs. The name ends in `_total`.
    Counter,
    /// They are what they are now.
    Gauge,
}

/// A text that grows family by family.
#[derive(Debug, Clone, Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// Begins a family: a name of lower-case letters, digits and underscores, and what it is, as a
    /// sentence. Its samples follow, each family's together.
    pub fn family(&mut self, name: &'static str, kind: FamilyKind, help: &str) -> Family<'_> {
        let kind = match kind {
            FamilyKind::Counter => "counter",
            FamilyKind::Gauge => "gauge",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing into a string does not fail.
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Family {
            name,
            text: &mut self.text,
        }
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// A family whose samples are being written.
#[derive(Debug)]
pub struct Family<'a> {
    name: &'static str,
    text: &'a mut String,
}

impl Family<'_> {
    /// One sample, with what tells it from the others of its family.
    pub fn sample(&mut self, labels: &[(&'static str, &str)], value: f64) -> &mut Self {
        self.text.push_str(self.name);
        for (number, (name, value)) in labels.iter().enumerate() {
            let before = if number == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{name}=\"{}\"", escaped(value));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {}", number(value));
        self
    }
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_family_is_described_before_its_samples() {
        let mut exposition = Exposition::default();
        exposition
            .family("jobs_total", FamilyKind::Counter, "Jobs.")
            .sample(&[("configuration", "c"), ("outcome", "failed")], 2.0)
            .sample(&[("configuration", "c"), ("outcome", "delivered")], 1e21);
        exposition
            .family("age_seconds", FamilyKind::Gauge, "Its age.")
            .sample(&[], 0.5);
        assert_eq!(
            exposition.into_text(),
            "# HELP jobs_total Jobs.\n\
             # TYPE jobs_total counter\n\
             jobs_total{configuration=\"c\",outcome=\"failed\"} 2\n\
             jobs_total{configuration=\"c\",outcome=\"delivered\"} 1000000000000000000000\n\
             # HELP age_seconds Its age.\n\
             # TYPE age_seconds gauge\n\
             age_seconds 0.5\n"
        );
    }

    /// The label and the number of a line, read by the format's own rules.
    fn read(line: &str) -> (String, f64) {
        let rest = line.strip_prefix("one{label=\"").unwrap();
        let mut label = String::new();
        let mut characters = rest.char_indices();
        loop {
            match characters.next().unwrap() {
                (_, '\\') => label.push(match characters.next().unwrap().1 {
                    'n' => '\n',
                    other => other,
                }),
                (at, '"') => {
                    let number = rest[at..].strip_prefix("\"} ").unwrap();
                    return (label, number.parse().unwrap());
                }
                (_, other) => label.push(other),
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_a_label_holds_it_is_read_again(label: String, value: f64) {
            let mut exposition = Exposition::default();
            exposition
                .family("one", FamilyKind::Gauge, "a\nb")
                .sample(&[("label", &label)], value);
            let text = exposition.into_text();
            let lines: Vec<&str> = text.split('\n').collect();
            prop_assert_eq!(lines.len(), 4, "{:?}", text);
            let (again, number) = read(lines[2]);
            prop_assert_eq!(again, label);
            prop_assert!(number == value || number.is_nan() && value.is_nan());
        }
    }
}
