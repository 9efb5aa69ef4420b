//! `bisections`: the next step of a search for what made a test case slower or faster.

use shared_types::api::Problem;

use super::parameters::parse_body;
use super::problem;
use super::response::Success;
use crate::Context;
use crate::bisecting::{BisectionQuery, bisect};

pub(super) async fn step(
    context: &Context,
    body: &[u8],
    person: &str,
) -> Result<(Success, String), Problem> {
    let query: BisectionQuery = parse_body(body)?;
    let bisection = bisect(context, &query, person)
        .await
        .map_err(problem::of_error)?;
    let subject = format!(
        "{}..{} under {} by {}",
        query.base, query.head, query.configuration, query.test_case
    );
    Ok((Success::json(&bisection)?, subject))
}
