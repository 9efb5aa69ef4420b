//! `host-agreement`: whether two hosts of a configuration measure the same.

use shared_types::api::Problem;

use super::parameters::Parameters;
use super::problem;
use super::response::Success;
use crate::Context;
use crate::host_agreement::{self, HostQuery};

pub(super) async fn agreement(
    context: &Context,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let host = |name: &str| {
        let named = parameters.text(name).map(str::to_owned);
        named.ok_or_else(|| {
            problem::bad_request(format!("the parameter `{name}` is missing: name a host"))
        })
    };
    let query = HostQuery {
        configuration: parameters.configuration()?,
        one: host("one")?,
        other: host("other")?,
        metric: parameters.optional("metric")?,
    };
    let found = host_agreement::of(context, &query)
        .await
        .map_err(problem::of_error)?;
    Success::json(&found)
}
