//! Errors as problem documents (RFC 9457): what happened, to what, and what to do.

use analysis::AnalysisError;
use shared_types::api::Problem;
use store::StoreError;

use crate::FunctionsError;

/// The kind of the problem that two configurations were to be compared.
pub(super) const DIFFERENT_CONFIGURATIONS: &str = "urn:perfleet:different-configurations";

fn plain(status: u16, title: &str, detail: String) -> Problem {
    Problem {
        kind: "about:blank".to_owned(),
        title: title.to_owned(),
        status,
        detail,
    }
}

/// What was asked cannot be understood.
pub(super) fn bad_request(detail: String) -> Problem {
    plain(400, "Bad Request", detail)
}

/// What was asked for is not there.
pub(super) fn not_found(detail: String) -> Problem {
    plain(404, "Not Found", detail)
}

/// The path is there for other methods.
pub(super) fn wrong_method(detail: String) -> Problem {
    plain(405, "Method Not Allowed", detail)
}

/// No token, or one that is not known.
pub(super) fn unauthorised(detail: String) -> Problem {
    plain(401, "Unauthorized", detail)
}

/// A token that may not do this.
pub(super) fn forbidden(detail: String) -> Problem {
    plain(403, "Forbidden", detail)
}

/// What is there contradicts what was asked for.
pub(super) fn conflict(detail: String) -> Problem {
    plain(409, "Conflict", detail)
}

/// The body is longer than `limit_bytes`.
pub(super) fn too_large(limit_bytes: usize) -> Problem {
    plain(
        413,
        "Content Too Large",
        format!("the body is longer than {limit_bytes} bytes: send it in several parts"),
    )
}

/// Two configurations were to be compared.
pub(super) fn different_configurations(detail: String) -> Problem {
    Problem {
        kind: DIFFERENT_CONFIGURATIONS.to_owned(),
        title: "Different Configurations".to_owned(),
        status: 422,
        detail,
    }
}

/// This program contradicts itself.
pub(super) fn bug(detail: String) -> Problem {
    plain(500, "Internal Server Error", detail)
}

/// What the store says.
pub(super) fn of_store(error: StoreError) -> Problem {
    let detail = error.to_string();
    match error {
        StoreError::NotFound { .. } => not_found(detail),
        StoreError::Conflict { .. } => conflict(detail),
        StoreError::Corrupt { .. } => bug(detail),
        StoreError::NoSpace { .. } => plain(507, "Insufficient Storage", detail),
        StoreError::Unavailable { .. } => plain(503, "Service Unavailable", detail),
    }
}

/// What a function says.
pub(super) fn of_error(error: FunctionsError) -> Problem {
    let detail = error.to_string();
    match error {
        FunctionsError::Store(error) => of_store(error),
        FunctionsError::Analysis(error) => of_analysis(&error),
        FunctionsError::DifferentConfigurations { .. } => different_configurations(detail),
        FunctionsError::NotMeasured(_) => not_found(detail),
        FunctionsError::Refused(_) => conflict(detail),
        FunctionsError::Input(_) | FunctionsError::Usage(_) => bad_request(detail),
        FunctionsError::GitHub(_)
        | FunctionsError::Randomness { .. }
        | FunctionsError::InputOutput { .. }
        | FunctionsError::Server { .. }
        | FunctionsError::Defect(_) => bug(detail),
    }
}

/// What the mathematics say.
fn of_analysis(error: &AnalysisError) -> Problem {
    let detail = error.to_string();
    match error {
        AnalysisError::DifferentConfigurations { .. } => different_configurations(detail),
        AnalysisError::NothingMeasured { .. } => not_found(detail),
        AnalysisError::MetricNotMeasured { .. } => {
            not_found(format!("the parameter `metric`: {detail}"))
        }
        AnalysisError::UnknownMethod { .. } => {
            bad_request(format!("the parameter `method`: {detail}"))
        }
        AnalysisError::WhichTestCase { .. } => {
            bad_request(format!("the parameter `test_case`: {detail}"))
        }
        AnalysisError::MetricDefinedDifferently { .. } => conflict(detail),
        AnalysisError::UnknownBenchmarks(_)
        | AnalysisError::NothingSelected { .. }
        | AnalysisError::UnitTooLong { .. }
        | AnalysisError::TooManyJobs { .. } => bad_request(detail),
        AnalysisError::Policy { .. } | AnalysisError::Block { .. } | AnalysisError::Invalid(_) => {
            bug(detail)
        }
    }
}
