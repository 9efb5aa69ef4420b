//! What somebody compiles who only wants to see the demo: minutes count there, so what the cloud
//! needs must not be among it.

use std::path::Path;
use std::process::Command;

use super::Violation;
use crate::command;
use crate::error::Error;

/// The beginnings of names of crates that a demo does without.
const FOREIGN: [&str; 2] = ["aws-", "lambda_"];

/// Asks cargo what the demo's programs are built from, a crate in each line.
pub(super) fn dependencies(root: &Path) -> Result<String, Error> {
    command::capture(
        Command::new("cargo")
            .args(["tree", "--package", "functions", "--package", "collector"])
            .args(["--edges", "normal,build", "--prefix", "none", "--offline"])
            .current_dir(root),
    )
}

/// Finds what does not belong there.
pub(super) fn check(dependencies: &str) -> Vec<Violation> {
    let mut found: Vec<&str> = dependencies
        .lines()
        .filter(|line| FOREIGN.iter().any(|foreign| line.starts_with(foreign)))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
        .into_iter()
        .map(|name| {
            let message = format!(
                "`cargo xtask demo` would compile {name}: put what needs it behind the feature `aws`"
            );
            Violation::new("Cargo.toml", message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_of_the_cloud_in_the_demo_is_found_once() {
        let tree = "functions v0.1.0\naws-sdk-s3 v1.0.0\nserde v1.0.0\naws-sdk-s3 v1.0.0 (*)\n";
        let violations = check(tree);
        assert_eq!(violations.len(), 1);
        assert!(violations[0].message.contains("aws-sdk-s3"));
        assert_eq!(check("functions v0.1.0\nserde v1.0.0\n"), []);
    }
}
