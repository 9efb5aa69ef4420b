//! The environment variables of a function.

use store::aws::{AwsPlace, Environment};

use crate::FunctionsError;

/// Names the fleet.
pub const ENVIRONMENT_VARIABLE: &str = "PERFLEET_AWS_ENVIRONMENT";
/// Names the bucket of its data.
pub const BUCKET_VARIABLE: &str = "PERFLEET_AWS_BUCKET";
/// Names the bucket of its page, for the function that hands out the page where no CDN does.
pub const PAGE_BUCKET_VARIABLE: &str = "PERFLEET_AWS_PAGE_BUCKET";

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
