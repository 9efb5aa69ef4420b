//! Checking `infra/` with Terraform, without an account and without the network where a copy of
//! the provider is on the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::error::Error;
use crate::workspace::Workspace;

/// What a folder that Terraform calls a filesystem mirror holds.
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// Whether Terraform is on this machine.
pub(crate) fn is_installed() -> bool {
    command::find_program("terraform").is_some()
}

/// Whether every file is formatted.
pub(crate) fn check_format(workspace: &Workspace) -> Result<(), Error> {
    let infra = workspace.root().join("infra");
    command::capture(
        Command::new("terraform")
            .args(["fmt", "-check", "-diff", "-recursive"])
            .arg(infra),
    )
    .map(drop)
}

/// How Terraform finds the provider here; none where it would have to be downloaded.
pub(crate) fn provider_configuration(workspace: &Workspace) -> Result<Option<PathBuf>, Error> {
    if let Some(own) = std::env::var_os("TF_CLI_CONFIG_FILE").map(PathBuf::from)
        && own.is_file()
    {
        return Ok(Some(own));
    }
    let Some(mirror) = mirror_folders()
        .into_iter()
        .find(|folder| folder.join(PROVIDER).is_dir())
    else {
        return Ok(None);
    };
    let path = workspace.target().join("terraform.tfrc");
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
        mirror.display()
    );
    std::fs::write(&path, text).map_err(Error::file("write", &path))?;
    Ok(Some(path))
}

/// Overrides what an emulator has no use for: state is kept beside the copy. Of the tags that all
/// resources get, LocalStack forgets some. What an emulator cannot do it cannot do later either, and
/// the 25 attempts that are usual take half an hour to say so.
const EMULATOR_OVERRIDE: &str = "\
terraform {
  backend \"local\" {}
}

provider \"aws\" {
  max_retries = 5

  default_tags {
    tags = {}
  }
}
";

/// Copies an environment, with the modules that it uses, to where it can be applied to an emulator.
/// Whoever applies it again as the same account finds its state there. Returns the folder.
pub(crate) fn copy_for_emulator(
    workspace: &Workspace,
    environment: &str,
) -> Result<PathBuf, Error> {
    let account = std::env::var("AWS_ACCESS_KEY_ID").unwrap_or_else(|_| "default".to_owned());
    let emulated = workspace.target().join("emulated-infra").join(account);
    std::fs::create_dir_all(&emulated).map_err(Error::file("create", &emulated))?;
    let folder = emulated.join("environments").join(environment);
    // What was removed from the checkout is not to be applied from an older copy; its state stays.
    remove_if_there(&emulated.join("modules"))?;
    remove_sources(&folder)?;
    for part in ["modules", "environments"] {
        copy_folder(&workspace.root().join("infra").join(part), &emulated)?;
    }
    let path = folder.join("emulator_override.tf");
    std::fs::write(&path, EMULATOR_OVERRIDE).map_err(Error::file("write", &path))?;
    Ok(folder)
}

fn remove_sources(folder: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_source = path
            .extension()
            .is_some_and(|ending| ending == "tf" || ending == "tfvars");
        if is_source {
            std::fs::remove_file(&path).map_err(Error::file("remove", &path))?;
        }
    }
    Ok(())
}

fn remove_if_there(folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(Error::file("remove", folder))?;
    }
    Ok(())
}

/// Copies a folder to `target`, or into it if that is a folder.
fn copy_folder(folder: &Path, target: &Path) -> Result<(), Error> {
    command::capture(Command::new("cp").arg("-r").arg(folder).arg(target)).map(drop)
}

/// Validates the bootstrap and every environment, in a copy, so that the checkout keeps no trace of
/// it.
pub(crate) fn validate(workspace: &Workspace, configuration: &Path) -> Result<(), Error> {
    let copy = workspace.target().join("infra-check");
    remove_if_there(&copy)?;
    copy_folder(&workspace.root().join("infra"), &copy)?;
    let environments = copy.join("environments");
    let mut folders = vec![copy.join("bootstrap")];
    let entries = std::fs::read_dir(&environments).map_err(Error::file("read", &environments))?;
    for entry in entries {
        folders.push(entry.map_err(Error::file("read", &environments))?.path());
    }
    for folder in folders {
        for arguments in [
            &["init", "-backend=false", "-input=false"][..],
            &["validate"],
        ] {
            command::capture(
                Command::new("terraform")
                    .args(arguments)
                    .arg("-no-color")
                    .current_dir(&folder)
                    .env("TF_CLI_CONFIG_FILE", configuration),
            )?;
        }
    }
    Ok(())
}

/// Where a copy of the provider is looked for: what the person names, then the places where
/// Terraform and packagers put it.
fn mirror_folders() -> Vec<PathBuf> {
    let named = std::env::var_os("PERFLEET_TERRAFORM_MIRROR").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".terraform.d/plugins"));
    let shared = [
        "/usr/local/share/terraform/plugins",
        "/usr/share/terraform/plugins",
    ];
    let optional = std::fs::read_dir("/opt").into_iter().flatten().flatten();
    named
        .into_iter()
        .chain(home)
        .chain(shared.map(PathBuf::from))
        .chain(optional.map(|entry| entry.path()))
        .collect()
}
