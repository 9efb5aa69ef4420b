//! Makes a comment as long as GitHub takes one: details go first, the least important of them first.

/// GitHub takes 65,536 letters. Ours are counted in bytes, of which there are no fewer.
const BYTES_MAX: usize = 65_536;

/// The parts of a comment.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    /// What is always there.
    pub(super) head: Vec<String>,
    /// What may be left out, the most important first.
    pub(super) details: Vec<String>,
    /// Where all of it is.
    pub(super) more: Option<String>,
}

impl Parts {
    /// The comment, no longer than GitHub takes one.
    pub(super) fn fitted(mut self) -> String {
        let all = self.details.len();
        loop {
            let text = self.text(all - self.details.len());
            if text.len() <= BYTES_MAX {
                return text;
            }
            if self.details.pop().is_none() {
                return self.cut();
            }
        }
    }

    fn text(&self, left_out: usize) -> String {
        let mut parts = self.head.clone();
        parts.extend(self.details.iter().cloned());
        match left_out {
            0 => {}
            1 => parts.push("The details of one configuration have no room here.".to_owned()),
            more => parts.push(format!(
                "The details of {more} configurations have no room here."
            )),
        }
        parts.extend(self.more.clone());
        format!("{}\n", parts.join("\n\n"))
    }

    /// Cut between lines, so that no row of a table is half there.
    fn cut(&self) -> String {
        let end = format!(
            "\n\nThere is more, for which there is no room here. {}\n",
            self.more.as_deref().unwrap_or_default()
        );
        let whole = self.head.join("\n\n");
        let mut kept = String::new();
        for line in whole.lines() {
            if kept.len() + line.len() + 1 + end.len() > BYTES_MAX {
                break;
            }
            kept.push_str(line);
            kept.push('\n');
        }
        format!("{}{end}", kept.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_comment_is_never_longer_than_github_takes_it(
            head in proptest::collection::vec("[aé\n]{0,40}", 1..4),
            details in proptest::collection::vec(0usize..40_000, 0..5),
            times in 1usize..2000,
        ) {
            let parts = Parts {
                head: head.iter().map(|part| part.repeat(times)).collect(),
                details: details.iter().map(|length| "x".repeat(*length)).collect(),
                more: Some("[The page](https://perf) tells all.".to_owned()),
            };
            let text = parts.fitted();
            prop_assert!(text.len() <= BYTES_MAX);
            prop_assert!(text.contains("https://perf"));
        }
    }

    #[test]
    fn details_go_from_the_last_and_it_is_said_how_many() {
        let parts = Parts {
            head: vec!["head".to_owned()],
            details: ["a", "b", "c"].map(|letter| letter.repeat(30_000)).to_vec(),
            more: None,
        };
        let text = parts.fitted();
        assert!(text.contains("aaa") && text.contains("bbb") && !text.contains("ccc"));
        assert!(
            text.contains("one configuration have no room"),
            "{}",
            &text[60_000..]
        );
    }
}
