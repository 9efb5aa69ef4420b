//! `shadow`: the verdicts of the one that is followed beside those of this environment.

use jiff::civil::Date;
use shared_types::api::Problem;

use super::parameters::Parameters;
use super::problem;
use super::response::Success;
use crate::{Context, shadow};

pub(super) async fn show(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let day: Option<Date> = parameters.optional("day")?;
    let found = match day {
        Some(day) => shadow::table_of(context, day).await,
        None => shadow::last_table(context).await,
    };
    if let Some(table) = found.map_err(problem::of_error)? {
        return Success::json(&table);
    }
    let of_day = day.map_or_else(String::new, |day| format!(" of {day}"));
    Err(problem::not_found(match &context.shadow {
        Some(shadow) => format!(
            "there is no table{of_day} of how the verdicts of {} and of this environment stand to \
             each other: one is made of each day from the first look on",
            shadow.settings.name
        ),
        None => format!(
            "there is no such table{of_day}: this environment is no shadow of another; \
             docs/deployment.md says how it becomes one"
        ),
    }))
}
