//! Terraform, run over one environment.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::Options;
use crate::command::{self, say};
use crate::error::Error;
use crate::workspace::Workspace;
use crate::{dist, terraform};

/// What `terraform plan -detailed-exitcode` says when something would change.
const CHANGES: i32 = 2;

/// An environment, ready to be planned and applied.
pub(super) struct Infrastructure {
    folder: PathBuf,
    emulated: bool,
    provider: Option<PathBuf>,
    backend: Vec<String>,
    variables: Vec<String>,
}

impl Infrastructure {
    /// Finds the environment, and copies it first where an emulator is deployed to.
    pub(super) fn prepare(
        workspace: &Workspace,
        options: &Options,
        functions: &Path,
        page: &Path,
    ) -> Result<Self, Error> {
        let folder = workspace
            .root()
            .join("infra/environments")
            .join(&options.environment);
        if !folder.is_dir() {
            return Err(Error::Missing {
                what: format!("the environment `{}`", options.environment),
                remedy: "name a folder of infra/environments".into(),
            });
        }
        let emulator = std::env::var_os("AWS_ENDPOINT_URL").is_some_and(|url| !url.is_empty());
        let mut variables = vec![
            format!(
                "-var=functions_directory={}",
                absolute(functions)?.display()
            ),
            format!("-var=page_directory={}", absolute(page)?.display()),
        ];
        let folder = if emulator {
            // What an emulator runs, it runs on this machine; and it has no CDN.
            variables.push("-var=cdn_enabled=false".to_owned());
            variables.push(format!(
                "-var=function_architecture={}",
                dist::architecture_here()?
            ));
            terraform::copy_for_emulator(workspace, &options.environment)?
        } else {
            variables.push(format!(
                "-var=function_architecture={}",
                options.architecture
            ));
            folder
        };
        for file in &options.var_file {
            variables.push(format!("-var-file={}", absolute(file)?.display()));
        }
        Ok(Self {
            folder,
            emulated: emulator,
            provider: terraform::provider_configuration(workspace)?,
            backend: options.backend_config.clone(),
            variables,
        })
    }

    /// Makes state and providers ready.
    pub(super) fn init(&self) -> Result<(), Error> {
        say("deploy", "terraform init");
        let backend = self
            .backend
            .iter()
            .map(|one| format!("-backend-config={one}"));
        command::capture(self.terraform("init").args(["-input=false"]).args(backend)).map(drop)
    }

    /// Shows what would change, and returns whether anything would.
    pub(super) fn plan(&self) -> Result<bool, Error> {
        say("deploy", "terraform plan");
        let mut plan = self.terraform("plan");
        plan.args(["-input=false", "-detailed-exitcode", "-out=deploy.plan"])
            .args(&self.variables);
        command::run_with_codes(&mut plan, &[0, CHANGES]).map(|code| code == CHANGES)
    }

    /// Makes what was planned.
    pub(super) fn apply(&self) -> Result<(), Error> {
        say("deploy", "terraform apply");
        let mut apply = self.terraform("apply");
        apply.arg("-input=false");
        if self.emulated {
            // It does one thing at a time, and what waits too long is asked for twice; most of the time the
            // provider only waits for queues to settle, though.
            apply.arg("-parallelism=8");
        }
        command::run(apply.arg("deploy.plan"))
    }

    /// What Terraform tells of what it made.
    pub(super) fn outputs(&self) -> Result<Outputs, Error> {
        let json = command::capture(self.terraform("output").arg("-json"))?;
        Outputs::parse(&json)
    }

    fn terraform(&self, action: &str) -> Command {
        let mut command = Command::new("terraform");
        command
            .arg(action)
            .arg("-no-color")
            .current_dir(&self.folder);
        if let Some(provider) = &self.provider {
            command.env("TF_CLI_CONFIG_FILE", provider);
        }
        command
    }
}

/// Terraform runs in another folder.
fn absolute(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(Error::file("find", path))
}

/// Terraform's outputs.
pub(super) struct Outputs(Value);

impl Outputs {
    fn parse(json: &str) -> Result<Self, Error> {
        let outputs: Value = serde_json::from_str(json).map_err(|error| Error::NotUnderstood {
            what: "the outputs of Terraform".into(),
            reason: error.to_string(),
        })?;
        Ok(Self(outputs))
    }

    /// An output that must be there.
    pub(super) fn text(&self, name: &str) -> Result<&str, Error> {
        self.optional(name).ok_or_else(|| Error::Missing {
            what: format!("Terraform's output `{name}`"),
            remedy: "see the outputs of infra/environments".into(),
        })
    }

    /// An output, or `None` where there is none or it is null.
    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        self.0[name]["value"].as_str()
    }

    /// All of them, each by its name.
    pub(super) fn json(&self) -> Value {
        let outputs = self.0.as_object().into_iter().flatten();
        outputs
            .map(|(name, output)| (name.clone(), output["value"].clone()))
            .collect()
    }

    /// A line for each.
    pub(super) fn print(&self) {
        for (name, output) in self.0.as_object().into_iter().flatten() {
            match output["value"].as_str() {
                Some(text) => println!("{name}: {text}"),
                None => println!("{name}: {}", output["value"]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_by_their_names() {
        let json = r#"{"page_bucket":{"sensitive":false,"type":"string","value":"a-bucket"},
                       "page_url":{"sensitive":false,"type":"string","value":null}}"#;
        let outputs = Outputs::parse(json).unwrap();
        assert_eq!(outputs.text("page_bucket").unwrap(), "a-bucket");
        assert_eq!(outputs.optional("page_url"), None);
        let message = outputs.text("api_url").err().unwrap().to_string();
        assert!(message.contains("`api_url`"), "{message}");
    }
}
