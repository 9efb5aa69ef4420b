//! The policy of an installation: that of its file, else the one that was put into its store, else
//! the built-in one.
//!
//! A file is for one machine, where whoever runs the server can edit it. Functions in the cloud have
//! no file; they read the object `policy/v1/policy.toml`, which `perfleet policy put` writes after it
//! has read it as they will. So a policy that cannot be understood never comes into force there.

use std::io::ErrorKind;

use analysis::policy::Policy;
use shared_types::ObjectKey;
use store::StoreError;

use crate::{Context, FunctionsError};

/// How often the policy is written again where somebody else was faster.
const ATTEMPTS_MAX: u32 = 3;

/// The policy by which this installation judges.
///
/// # Errors
/// When there is one and it cannot be read or understood.
pub async fn policy_in_force(context: &Context) -> Result<Policy, FunctionsError> {
    match policy_text(context).await? {
        Some((text, _)) => Ok(Policy::parse(&text)?),
        None => Ok(Policy::default()),
    }
}

/// Where a policy was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyPlace {
    /// The file in the data folder, with its path.
    File(String),
    /// The object in the store.
    Store,
}

/// The policy in force as it is written, and where it is. `None` while the built-in one is in force.
///
/// # Errors
/// When there is one and it cannot be read.
pub async fn policy_text(
    context: &Context,
) -> Result<Option<(String, PolicyPlace)>, FunctionsError> {
    if let Some(file) = &context.settings.policy_file {
        match std::fs::read_to_string(file) {
            Ok(text) => return Ok(Some((text, PolicyPlace::File(file.display().to_string())))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(FunctionsError::io(format!(
                    "reading the policy {}",
                    file.display()
                ))(error));
            }
        }
    }
    let Some((bytes, _)) = context.store.objects.get(&ObjectKey::Policy).await? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| {
        FunctionsError::Usage(format!(
            "the object `{}` is not text: put the policy there again by `perfleet policy put FILE`",
            ObjectKey::Policy
        ))
    })?;
    Ok(Some((text, PolicyPlace::Store)))
}

/// Puts a policy into the store, where it is in force from then on.
///
/// # Errors
/// When it is not understood, when a file is in force instead, or when the store fails. Then the
/// policy before stays in force.
pub async fn put_policy(context: &Context, text: &str) -> Result<Policy, FunctionsError> {
    let policy = Policy::parse(text)?;
    if let Some((_, PolicyPlace::File(file))) = policy_text(context).await? {
        return Err(FunctionsError::Usage(format!(
            "the policy of this installation is the file {file}, which comes before what is in the \
             store: edit that file, or take it away first"
        )));
    }
    let objects = &context.store.objects;
    for _ in 0..ATTEMPTS_MAX {
        let known = objects.get(&ObjectKey::Policy).await?;
        let tag = known.as_ref().map(|(_, tag)| tag);
        let replaced = objects
            .replace(&ObjectKey::Policy, tag, text.as_bytes())
            .await?;
        if replaced.is_some() {
            return Ok(policy);
        }
    }
    Err(FunctionsError::Store(StoreError::Unavailable {
        action: "putting the policy there".to_owned(),
        reason: format!("others replaced it {ATTEMPTS_MAX} times meanwhile"),
    }))
}
