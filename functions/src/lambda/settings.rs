//! The environment variables of a function.

use analysis::schedule::upkeep::UpkeepRules;
use store::aws::{AwsPlace, Environment};

use crate::FunctionsError;
use crate::shadow::{SETTINGS_VARIABLE as SHADOW_VARIABLE, ShadowSettings};

/// Names the fleet.
pub const ENVIRONMENT_VARIABLE: &str = "PERFLEET_AWS_ENVIRONMENT";
/// Names the bucket of its data.
pub const BUCKET_VARIABLE: &str = "PERFLEET_AWS_BUCKET";
/// Names the bucket of its page, for the function that hands out the page where no CDN does.
pub const PAGE_BUCKET_VARIABLE: &str = "PERFLEET_AWS_PAGE_BUCKET";
/// Days between two A/A measurings of a configuration; 7 where it is not set, 0 for none.
pub const A_A_DAYS_VARIABLE: &str = "PERFLEET_A_A_DAYS";
/// The part of the measuring time of a week that measuring once more may take, in percent; 10 where
/// it is not set.
pub const RERUN_PERCENT_VARIABLE: &str = "PERFLEET_RERUN_PERCENT";

/// Where people reach the page, for links in what is posted; without links where it is not set.
pub const PAGE_URL_VARIABLE: &str = "PERFLEET_PAGE_URL";

/// Where people reach the page, without a slash at its end.
pub fn page_url(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let url = variable(PAGE_URL_VARIABLE)?;
    let url = url.trim().trim_end_matches('/');
    (!url.is_empty()).then(|| url.to_owned())
}

/// What this fleet is the shadow of: of nothing where the variable is not set.
///
/// # Errors
/// When the document cannot be understood.
pub fn shadow(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<ShadowSettings>, FunctionsError> {
    let document = variable(SHADOW_VARIABLE).filter(|text| !text.trim().is_empty());
    document
        .map(|text| ShadowSettings::parse(&text))
        .transpose()
}

/// What is measured of own accord.
///
/// # Errors
/// When a variable is set and is no number.
pub fn upkeep(variable: impl Fn(&str) -> Option<String>) -> Result<UpkeepRules, FunctionsError> {
    let number = |name: &str, otherwise: u32| match variable(name) {
        None => Ok(otherwise),
        Some(text) => text.parse().map_err(|_| {
            FunctionsError::Usage(format!(
                "the environment variable {name} is `{text}`, and a whole number is wanted"
            ))
        }),
    };
    let usual = UpkeepRules::default();
    Ok(UpkeepRules {
        a_a_days: number(A_A_DAYS_VARIABLE, usual.a_a_days)?,
        rerun_percent: number(RERUN_PERCENT_VARIABLE, usual.rerun_percent)?,
    })
}

/// Where the fleet's data is. `variable` reads an environment variable.
///
/// # Errors
/// When a variable is not set, or cannot be what it is to be.
pub fn place(variable: impl Fn(&str) -> Option<String>) -> Result<AwsPlace, FunctionsError> {
    let needed = |name: &str| {
        variable(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                FunctionsError::Usage(format!(
                    "the environment variable {name} is not set: `infra/` sets it for every \
                     function; apply it again"
                ))
            })
    };
    let environment: Environment = needed(ENVIRONMENT_VARIABLE)?.parse()?;
    Ok(AwsPlace {
        environment,
        bucket: needed(BUCKET_VARIABLE)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_as_usual_and_what_is_no_number_is_named() {
        let set = |name: &str| (name == A_A_DAYS_VARIABLE).then(|| "3".to_owned());
        let rules = upkeep(set).unwrap();
        assert_eq!((rules.a_a_days, rules.rerun_percent), (3, 10));
        let refused = upkeep(|_| Some("ten".to_owned())).unwrap_err().to_string();
        assert!(refused.contains(A_A_DAYS_VARIABLE), "{refused}");
    }

    #[test]
    fn a_variable_that_is_missing_or_wrong_is_named() {
        let with = |environment: &str, bucket: &str| {
            place(|name| {
                let value = match name {
                    ENVIRONMENT_VARIABLE => environment,
                    _ => bucket,
                };
                Some(value.to_owned())
            })
        };
        assert_eq!(with("staging", "b").unwrap().bucket, "b");
        let message = with("staging", "").unwrap_err().to_string();
        assert!(message.contains(BUCKET_VARIABLE), "{message}");
        let message = with("Staging", "b").unwrap_err().to_string();
        assert!(message.contains("`Staging`"), "{message}");
    }
}
