//! The page in a real headless browser, by the scripts of `frontend/browser-tests`.

use std::path::PathBuf;
use std::process::Command;

/// What the browser scripts need to run.
pub struct Browser {
    node: PathBuf,
    chromium: PathBuf,
    node_modules: PathBuf,
}

/// The browser that `cargo xtask test` prepared, or the one of this machine.
///
/// # Panics
/// When there is none: a test of the page that did not open it would say nothing.
pub fn require_browser() -> Browser {
    let variable =
        |name: &str, otherwise: PathBuf| std::env::var_os(name).map_or(otherwise, PathBuf::from);
    let browser = Browser {
        node: variable("PERFLEET_TEST_NODE", "node".into()),
        chromium: variable("PERFLEET_TEST_CHROMIUM", "/usr/bin/chromium".into()),
        node_modules: variable(
            "PERFLEET_TEST_NODE_MODULES",
            frontend().join("node_modules"),
        ),
    };
    assert!(
        browser.chromium.exists() && browser.node_modules.exists(),
        "the browser tests need Chromium and npm packages: run `cargo xtask setup test` once"
    );
    browser
}

impl Browser {
    /// Runs one of the scripts against the page at `url`, and returns what it printed.
    ///
    /// # Panics
    /// When the script fails, with what it said.
    pub fn run(&self, script: &str, url: &str, arguments: &[&str]) -> String {
        output_of(script, self.command(script, url).args(arguments))
    }

    /// Runs one of the scripts that act with a token, and returns what it printed.
    ///
    /// # Panics
    /// When the script fails, with what it said.
    pub fn run_with_token(
        &self,
        script: &str,
        url: &str,
        token: &str,
        arguments: &[&str],
    ) -> String {
        let mut command = self.command(script, url);
        output_of(script, command.env("PERFLEET_TOKEN", token).args(arguments))
    }

    fn command(&self, script: &str, url: &str) -> Command {
        let mut command = Command::new(&self.node);
        command
            .arg(frontend().join("browser-tests/run.mjs"))
            .arg(script)
            .env("PERFLEET_URL", url)
            .env("CHROMIUM", &self.chromium)
            .env("NODE_PATH", &self.node_modules);
        command
    }
}

fn output_of(script: &str, command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{script} failed:\n{said}");
    said
}

/// The text that a reader sees on the page at `path` once it has loaded.
pub fn page_text(browser: &Browser, url: &str, path: &str) -> String {
    browser.run("text", url, &[path])
}

fn frontend() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../frontend")
}
