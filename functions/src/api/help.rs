//! `help`: what can be asked for in comments, and by which rules this installation judges. The page
//! shows it, so that nobody reads of commands or limits that do not hold here.

use shared_types::api::{
    CommandHelp, ConfigurationTier, Help, PolicyInForce, PolicyLimit, Problem,
};

use super::problem;
use super::response::Success;
use crate::Context;
use crate::github::COMMANDS;
use crate::policy_in_force::policy_in_force;

pub(super) async fn show(context: &Context) -> Result<Success, Problem> {
    let policy = policy_in_force(context).await.map_err(problem::of_error)?;
    let configurations = context
        .store
        .index
        .configurations()
        .await
        .map_err(problem::of_store)?;
    let mention = context.github.as_ref().map(|github| github.mention());
    let commands = if mention.is_some() {
        COMMANDS
            .iter()
            .map(|(usage, effect)| CommandHelp {
                usage: (*usage).to_owned(),
                effect: (*effect).to_owned(),
            })
            .collect()
    } else {
        Vec::new()
    };
    let tiers = configurations
        .into_iter()
        .map(|configuration| ConfigurationTier {
            tier: policy.tier(&configuration.id, configuration.tier),
            configuration: configuration.id,
        })
        .collect();
    let limits = policy
        .limits
        .iter()
        .map(|limit| PolicyLimit {
            metric: limit.metric.clone(),
            category: limit.category,
            smallest_change: limit.smallest_change,
        })
        .collect();
    Success::json(&Help {
        mention,
        commands,
        policy: PolicyInForce {
            decides: policy.decides,
            false_discovery_rate: policy.false_discovery_rate,
            metrics: policy.metrics,
            limits,
            tiers,
        },
    })
}
