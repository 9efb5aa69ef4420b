//! The upkeep of a configuration in the index: read, changed, and written back unless somebody else
//! was faster, in which case it is decided again.

use jiff::Timestamp;
use shared_types::ConfigurationId;
use shared_types::upkeep::Upkeep;

use crate::{Context, FunctionsError};

/// How often a change is decided again while others change the same.
const ATTEMPTS_MAX: usize = 50;

/// The upkeep of a configuration as it is, or as it begins now.
pub(crate) async fn read(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<Upkeep, FunctionsError> {
    let known = context.store.index.upkeep(configuration).await?;
    Ok(known.unwrap_or_else(|| beginning(configuration, context.now())))
}

/// Changes the upkeep of a configuration. `decide` says whether there is anything to change, and may
/// be asked again about an upkeep that is newer. Returns what it decided last.
pub(crate) async fn change<T>(
    context: &Context,
    configuration: &ConfigurationId,
    mut decide: impl FnMut(&mut Upkeep) -> Option<T>,
) -> Result<Option<T>, FunctionsError> {
    let index = &context.store.index;
    for _ in 0..ATTEMPTS_MAX {
        let known = index.upkeep(configuration).await?;
        let mut new = known
            .clone()
            .unwrap_or_else(|| beginning(configuration, context.now()));
        let Some(decided) = decide(&mut new) else {
            return Ok(None);
        };
        if index.replace_upkeep(known.as_ref(), &new).await? {
            return Ok(Some(decided));
        }
    }
    Err(FunctionsError::Server {
        action: format!("noting the upkeep of {configuration}"),
        reason: "others kept changing it at the same time; it is tried again".to_owned(),
    })
}

fn beginning(configuration: &ConfigurationId, now: Timestamp) -> Upkeep {
    Upkeep::beginning(configuration.clone(), now)
}
