//! The one reply that a comment with commands gets: what was understood, and each mistake.

use shared_types::Login;
use shared_types::pull_request::PostSubject;

use super::command::Misunderstood;

/// What is to be said to who commanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reply {
    parts: Vec<String>,
    /// Written at the end on a line of its own, for another program to read.
    to_merge_bot: Option<String>,
}

impl Reply {
    /// Says something.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.parts.push(text.into());
    }

    /// Says what is wrong with a command.
    pub(super) fn refuse(&mut self, misunderstood: &Misunderstood) {
        let mistakes: Vec<String> = misunderstood
            .mistakes
            .iter()
            .map(|mistake| format!("- {mistake}"))
            .collect();
        let written = match misunderstood.written.as_str() {
            "" => "The command was not understood:".to_owned(),
            written => format!("`{written}` was not carried out:"),
        };
        self.parts
            .push(format!("{written}\n{}", mistakes.join("\n")));
    }

    /// Has the merge bot told something.
    pub(super) fn tell_merge_bot(&mut self, command: &str) {
        self.to_merge_bot = Some(command.to_owned());
    }

    /// The whole text, or `None` where there is nothing to say.
    pub(super) fn markdown(&self, to: &Login, comment: u64, help: &str) -> Option<String> {
        if self.parts.is_empty() {
            return None;
        }
        let refused = self.parts.iter().any(|part| part.contains("\n- "));
        let mut text = format!(
            "{}\n@{to}\n\n{}",
            PostSubject::Reply(comment).marker(),
            self.parts.join("\n\n")
        );
        if refused && !self.parts.iter().any(|part| part == help) {
            text.push_str(&format!(
                "\n\n<details><summary>What can be asked for</summary>\n\n{help}\n\n</details>\n\n\
                 Edit the comment, or write another."
            ));
        }
        if let Some(command) = &self.to_merge_bot {
            text.push_str("\n\n");
            text.push_str(command);
        }
        text.push('\n');
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_lists_every_mistake_and_what_can_be_asked_for() {
        let mut reply = Reply::default();
        reply.refuse(&Misunderstood {
            written: "queu runs=0".to_owned(),
            mistakes: vec![
                "there is no command `queu`: did you mean `queue`?".to_owned(),
                "the option `runs`: `0` is not a number from 1 to 50".to_owned(),
            ],
        });
        reply.say("Cancelled: nothing.");
        let ada = "ada".parse().unwrap();
        insta::assert_snapshot!(reply.markdown(&ada, 7, "(help)").unwrap());
        assert_eq!(Reply::default().markdown(&ada, 7, "(help)"), None);
    }

    #[test]
    fn what_the_merge_bot_is_to_read_stands_on_a_line_of_its_own() {
        let mut reply = Reply::default();
        reply.say("A try build is asked for.");
        reply.tell_merge_bot("@bors try");
        let text = reply
            .markdown(&"ada".parse().unwrap(), 7, "(help)")
            .unwrap();
        assert!(text.ends_with("\n\n@bors try\n"), "{text}");
    }
}
