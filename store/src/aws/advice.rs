//! What a person can do about a call that AWS did not accept: most of it is about who this host
//! says it is, and at what time.

use std::time::Duration;

use jiff::Timestamp;

/// The difference of clocks from which on AWS refuses calls.
const SKEW_MAX: Duration = Duration::from_secs(5 * 60);

/// AWS refuses the time of the call, whatever else may be wrong.
const TOO_SKEWED: [&str; 3] = [
    "RequestExpired",
    "RequestTimeTooSkewed",
    "RequestInTheFuture",
];
/// AWS refuses the signature, of which the time is a part.
const BAD_SIGNATURE: [&str; 2] = ["InvalidSignatureException", "SignatureDoesNotMatch"];
const EXPIRED: [&str; 3] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
];
const UNKNOWN_CALLER: [&str; 5] = [
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "MissingAuthenticationToken",
    "UnrecognizedClientException",
];
const FORBIDDEN: [&str; 3] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
];

/// What is known of a failed call.
#[derive(Debug, Clone)]
pub(super) struct FailedCall<'a> {
    /// AWS's name of the failure, where it answered.
    pub(super) code: Option<&'a str>,
    /// All that was said.
    pub(super) text: &'a str,
    /// When it happened by AWS's clock, where it told.
    pub(super) at_by_aws: Option<Timestamp>,
    /// When it happened by this host's clock.
    pub(super) at: Timestamp,
}

/// What to do about it, as whole sentences, or `None` where it is not known. `caller` says whose
/// credentials are used.
pub(super) fn advice(call: &FailedCall<'_>, caller: &str) -> Option<String> {
    let is_one_of = |codes: &[&str]| call.code.is_some_and(|code| codes.contains(&code));
    let skew = call.skew();
    if is_one_of(&TOO_SKEWED) || (is_one_of(&BAD_SIGNATURE) && skew.is_some()) {
        let how_far = skew.unwrap_or_else(|| "more than 5 minutes off".to_owned());
        return Some(format!(
            "The clock of this host is {how_far}: keep it right by chrony, and see what \
             `chronyc tracking` says"
        ));
    }
    if is_one_of(&EXPIRED) {
        return Some(format!(
            "The credentials of {caller} have ended and nothing renewed them: run its \
             `credential_process` by hand as this user to see why, or put fresh ones there"
        ));
    }
    if is_one_of(&UNKNOWN_CALLER) || is_one_of(&BAD_SIGNATURE) {
        return Some(format!(
            "AWS does not know the credentials of {caller}: they are wrong, or were revoked"
        ));
    }
    if is_one_of(&FORBIDDEN) {
        return Some(format!(
            "{caller} may not do this: see which queues and prefixes its role has in infra/"
        ));
    }
    let has_no_credentials = call.code.is_none() && call.text.contains("credential");
    has_no_credentials.then(|| {
        format!(
            "There are no credentials of {caller}: run its `credential_process` by hand as this \
             user, and see that its certificate has not ended"
        )
    })
}

impl FailedCall<'_> {
    /// How far this host's clock is from AWS's, where that is too far.
    fn skew(&self) -> Option<String> {
        let ahead_s = self.at.as_second() - self.at_by_aws?.as_second();
        let minutes = ahead_s.unsigned_abs() / 60;
        let where_to = match ahead_s {
            0.. => "ahead of",
            _ => "behind",
        };
        (ahead_s.unsigned_abs() >= SKEW_MAX.as_secs())
            .then(|| format!("{minutes} minutes {where_to} AWS's"))
    }
}

/// Whose credentials are used, as far as the environment says.
pub(super) fn caller(variable: impl Fn(&str) -> Option<String>) -> String {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(function) = variable("AWS_LAMBDA_FUNCTION_NAME") {
        return format!("the function {function}");
    }
    if variable("AWS_ACCESS_KEY_ID").is_some() {
        return "AWS_ACCESS_KEY_ID in the environment".to_owned();
    }
    let profile = variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    let file = variable("AWS_CONFIG_FILE").unwrap_or_else(|| "~/.aws/config".to_owned());
    format!("the profile `{profile}` of {file}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: &str = "the profile `perfleet` of /etc/perfleet/aws-config";

    fn told(code: Option<&str>, text: &str, at_by_aws: Option<&str>) -> Option<String> {
        let call = FailedCall {
            code,
            text,
            at_by_aws: at_by_aws.map(|text| text.parse().unwrap()),
            at: "2026-11-25T08:20:30Z".parse().unwrap(),
        };
        advice(&call, CALLER)
    }

    #[test]
    fn a_clock_that_is_off_is_told_by_how_much() {
        let told = |code, at| told(Some(code), "", at).unwrap();
        assert_eq!(
            told("RequestTimeTooSkewed", Some("2026-11-25T08:00:00Z")),
            "The clock of this host is 20 minutes ahead of AWS's: keep it right by chrony, and \
             see what `chronyc tracking` says"
        );
        let behind = told("SignatureDoesNotMatch", Some("2026-11-25T10:20:31Z"));
        assert!(behind.contains("is 120 minutes behind AWS's"), "{behind}");
        let unsaid = told("RequestExpired", None);
        assert!(unsaid.contains("more than 5 minutes off"), "{unsaid}");
    }

    #[test]
    fn a_wrong_signature_at_the_right_time_is_a_wrong_key() {
        let told = told(
            Some("SignatureDoesNotMatch"),
            "",
            Some("2026-11-25T08:20:00Z"),
        );
        assert!(
            told.unwrap()
                .contains("does not know the credentials of the profile `perfleet`")
        );
    }

    #[test]
    fn credentials_that_ended_are_told_apart_from_none_and_from_too_few_rights() {
        let expired = told(Some("ExpiredToken"), "", None).unwrap();
        assert!(
            expired.contains("have ended") && expired.contains(CALLER),
            "{expired}"
        );
        let none = told(None, "dispatch failure: no credentials", None).unwrap();
        assert!(none.contains("There are no credentials of"), "{none}");
        let forbidden = told(Some("AccessDenied"), "", None).unwrap();
        assert!(forbidden.contains("may not do this"), "{forbidden}");
        assert_eq!(told(None, "connection refused", None), None);
        assert_eq!(told(Some("SlowDown"), "slow down", None), None);
    }

    #[test]
    fn the_caller_is_named_by_what_the_environment_says() {
        let caller = |pairs: &[(&str, &str)]| {
            super::caller(|name| {
                let found = pairs.iter().find(|(known, _)| *known == name)?;
                Some(found.1.to_owned())
            })
        };
        assert_eq!(caller(&[]), "the profile `default` of ~/.aws/config");
        assert_eq!(
            caller(&[
                ("AWS_PROFILE", "perfleet"),
                ("AWS_CONFIG_FILE", "/etc/perfleet/aws-config"),
            ]),
            CALLER
        );
        assert!(caller(&[("AWS_ACCESS_KEY_ID", "x")]).starts_with("AWS_ACCESS_KEY_ID"));
    }
}
