//! What the steps of a test run came to.

use std::time::{Duration, Instant};

use crate::error::Error;

/// The steps so far.
pub(super) struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    outcome: Outcome,
}

enum Outcome {
    Passed(Duration),
    Failed(Duration),
    Skipped(&'static str),
}

impl Report {
    pub(super) fn new() -> Self {
        Self { steps: Vec::new() }
    }

    /// Runs a step, times it, and keeps its outcome. Returns what it made, if it passed.
    pub(super) fn step<T>(
        &mut self,
        name: &'static str,
        action: impl FnOnce() -> Result<T, Error>,
    ) -> Option<T> {
        eprintln!("── {name}");
        let start = Instant::now();
        let result = action();
        let duration = start.elapsed();
        let outcome = match &result {
            Ok(_) => Outcome::Passed(duration),
            Err(error) => {
                eprintln!("{name} failed: {error}");
                Outcome::Failed(duration)
            }
        };
        self.steps.push(Step { name, outcome });
        result.ok()
    }

    /// Keeps that a step was left out, and why.
    pub(super) fn skip(&mut self, name: &'static str, reason: &'static str) {
        self.steps.push(Step {
            name,
            outcome: Outcome::Skipped(reason),
        });
    }

    /// Prints a line for each step.
    pub(super) fn print(&self) {
        println!();
        self.steps
            .iter()
            .for_each(|step| println!("{}", step.line()));
    }

    /// An error that names the failed steps, if there are any.
    pub(super) fn into_result(self) -> Result<(), Error> {
        let failed = self
            .steps
            .iter()
            .filter(|step| matches!(step.outcome, Outcome::Failed(_)));
        let names: Vec<String> = failed.map(|step| step.name.to_owned()).collect();
        if names.is_empty() {
            Ok(())
        } else {
            Err(Error::StepsFailed(names))
        }
    }
}

impl Step {
    fn line(&self) -> String {
        let name = self.name;
        match &self.outcome {
            Outcome::Passed(duration) => {
                format!("{name:<20} {:>8.1} s  ok", duration.as_secs_f64())
            }
            Outcome::Failed(duration) => {
                format!("{name:<20} {:>8.1} s  FAILED", duration.as_secs_f64())
            }
            Outcome::Skipped(reason) => format!("{name:<20}          -  skipped: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_named_and_the_steps_after_it_still_run() {
        let mut report = Report::new();
        let broken = || Err(Error::Untidy(2));
        assert_eq!(report.step::<()>("tidy", broken), None);
        assert_eq!(report.step("build", || Ok(7)), Some(7));
        report.skip("deny", "not installed");
        let message = report.into_result().unwrap_err().to_string();
        assert_eq!(message, "these steps failed: tidy");
    }

    #[test]
    fn skipped_steps_do_not_fail_a_run_and_tell_why() {
        let mut report = Report::new();
        report.skip("deny", "not installed");
        assert_eq!(
            report.steps[0].line(),
            "deny                          -  skipped: not installed"
        );
        report.into_result().unwrap();
    }
}
