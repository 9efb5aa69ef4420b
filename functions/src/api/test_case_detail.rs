//! `comparisons/{base}..{head}/test-case`: one row of a comparison in every respect.

use shared_types::api::Problem;

use super::parameters::Parameters;
use super::response::Success;
use super::{comparisons, problem};
use crate::{Context, compare};

pub(super) async fn show(
    context: &Context,
    sides: &str,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let test_case = parameters.text("test_case").ok_or_else(|| {
        problem::bad_request(
            "the parameter `test_case` is missing: name one of the comparison\u{2019}s".to_owned(),
        )
    })?;
    let query = comparisons::query(context, sides, parameters).await?;
    let detail = compare::test_case_detail(context, &query, test_case)
        .await
        .map_err(problem::of_error)?;
    Success::json(&detail)
}
