//! Progress, for a person who waits.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::measure::JobProgress;

/// How often a line is printed where lines cannot be replaced.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Tells on standard error how far a job has come.
pub(super) struct ProgressLine {
    started: Instant,
    printed: Option<Instant>,
    on_terminal: bool,
}

impl ProgressLine {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            printed: None,
            on_terminal: std::io::stderr().is_terminal(),
        }
    }

    pub(super) fn show(&mut self, progress: &JobProgress) {
        let line = describe(progress, self.started.elapsed());
        if self.on_terminal {
            eprint!("\r\x1b[K{line}");
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        } else if self.printed.is_none_or(|at| at.elapsed() >= LINE_EVERY) {
            eprintln!("{line}");
            self.printed = Some(Instant::now());
        }
    }

    pub(super) fn end(&self) {
        if self.on_terminal {
            eprint!("\r\x1b[K");
        }
    }
}

fn describe(progress: &JobProgress, elapsed: Duration) -> String {
    let JobProgress {
        done,
        total,
        current,
    } = progress;
    let left = match done {
        0 => String::new(),
        _ => {
            let per_compilation_s = elapsed.as_secs_f64() / *done as f64;
            let left_s = per_compilation_s * total.saturating_sub(*done) as f64;
            format!(", about {left_s:.0} s left")
        }
    };
    format!("{done} of {total} compilations{left}: {current}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_from_what_is_done() {
        let progress = |done| JobProgress {
            done,
            total: 40,
            current: "tiny/check/full by release-1.95.0".to_owned(),
        };
        assert_eq!(
            describe(&progress(10), Duration::from_secs(20)),
            "10 of 40 compilations, about 60 s left: tiny/check/full by release-1.95.0"
        );
        assert_eq!(
            describe(&progress(0), Duration::from_secs(20)),
            "0 of 40 compilations: tiny/check/full by release-1.95.0"
        );
    }
}
