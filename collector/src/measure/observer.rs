//! How far a job has come, and what a person may want to know of it.

use shared_types::job::JobMessage;

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobProgress {
    /// Compilations done.
    pub done: u64,
    /// Compilations in all.
    pub total: u64,
    /// What is being done.
    pub current: String,
}

/// Counts compilations, tells whoever wants to know, and keeps the log.
pub(super) struct Observer<'a> {
    progress: JobProgress,
    tell: &'a mut dyn FnMut(JobProgress),
    pub(super) log: String,
}

impl<'a> Observer<'a> {
    pub(super) fn new(job: &JobMessage, tell: &'a mut dyn FnMut(JobProgress)) -> Self {
        Self {
            progress: JobProgress {
                done: 0,
                total: job.compilations(),
                current: String::new(),
            },
            tell,
            log: String::new(),
        }
    }

    pub(super) fn current(&mut self, current: String) {
        self.progress.current = current;
        (self.tell)(self.progress.clone());
    }

    /// More is to be done than was asked for.
    pub(super) fn expect_more(&mut self, compilations: u64) {
        self.progress.total += compilations;
    }

    pub(super) fn step(&mut self) {
        self.skip(1);
    }

    pub(super) fn skip(&mut self, compilations: u64) {
        self.progress.done += compilations;
        (self.tell)(self.progress.clone());
    }

    pub(super) fn note(&mut self, line: &str) {
        self.log.push_str(line);
        self.log.push('\n');
    }

    /// Notes what may happen in every iteration and is worth one line for each subject.
    pub(super) fn note_once(&mut self, subject: &str, what: &str) {
        let is_noted = |line: &str| {
            line.strip_prefix(subject)
                .is_some_and(|rest| rest.starts_with(": "))
        };
        if !self.log.lines().any(is_noted) {
            self.note(&format!("{subject}: {what}"));
        }
    }
}
