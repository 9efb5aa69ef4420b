//! Where a collector gets its jobs from and brings its results to.

use std::path::PathBuf;

use store::CollectorPorts;

use crate::CollectorError;
use crate::agent::{ApiAddress, IdlePace};

/// What a collector works with.
pub(super) struct Workplace {
    pub(super) ports: CollectorPorts,
    pub(super) api: ApiAddress,
    pub(super) pace: IdlePace,
}

/// What the command line says of it. The environment says the rest.
pub(super) struct Choice {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) server: Option<String>,
    pub(super) aws: Option<String>,
    pub(super) bucket: Option<String>,
    pub(super) api: Option<String>,
}

const ENVIRONMENT: &str = "PERFLEET_AWS_ENVIRONMENT";
const BUCKET: &str = "PERFLEET_AWS_BUCKET";
const API: &str = "PERFLEET_API";
const DATA_DIR: &str = "PERFLEET_DATA_DIR";
const TOKEN: &str = "PERFLEET_TOKEN";

impl Workplace {
    /// Opens what was chosen: what the command line names goes before what the environment does.
    pub(super) async fn open(choice: &Choice) -> Result<Self, CollectorError> {
        match Chosen::of(choice, |name| std::env::var(name).ok())? {
            Chosen::Folder { folder, server } => Ok(Self {
                ports: store::embedded::open_collector_ports(&folder)?,
                api: server.map_or(ApiAddress::DataFolder(folder), ApiAddress::Url),
                pace: IdlePace::LOCAL,
            }),
            Chosen::Server { url, token } => Ok(Self {
                ports: store::http::HttpPorts::new(&url, &token).into_ports(),
                api: ApiAddress::Url(url),
                pace: IdlePace::LOCAL,
            }),
            Chosen::Aws(fleet) => Ok(Self {
                ports: open_aws(&fleet).await?,
                api: ApiAddress::Url(fleet.api),
                pace: IdlePace::CLOUD,
            }),
        }
    }
}

/// What was chosen, in full.
#[derive(Debug, PartialEq, Eq)]
enum Chosen {
    Folder {
        folder: PathBuf,
        server: Option<String>,
    },
    Server {
        url: String,
        token: String,
    },
    Aws(AwsFleet),
}

#[derive(Debug, PartialEq, Eq)]
struct AwsFleet {
    environment: String,
    bucket: String,
    api: String,
}

impl Chosen {
    fn of(
        choice: &Choice,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, CollectorError> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let chosen = match (&choice.data_dir, &choice.server) {
            (Some(folder), server) => Self::Folder {
                folder: folder.clone(),
                server: server.clone(),
            },
            (None, Some(url)) => Self::Server {
                url: url.clone(),
                token: variable(TOKEN).ok_or_else(|| {
                    usage(format!(
                        "the server at {url} wants a token: put it into {TOKEN} (the first one is \
                         printed at the server's first start)"
                    ))
                })?,
            },
            (None, None) => match choice.aws.clone().or_else(|| variable(ENVIRONMENT)) {
                Some(environment) => Self::Aws(AwsFleet {
                    environment,
                    bucket: wanted(&choice.bucket, "--bucket NAME", variable(BUCKET), BUCKET)?,
                    api: wanted(&choice.api, "--api URL", variable(API), API)?,
                }),
                None => Self::Folder {
                    folder: variable(DATA_DIR).map(PathBuf::from).ok_or_else(|| {
                        usage(
                            "say where jobs come from: --data-dir DIR, --server URL, or --aws ENV"
                                .to_owned(),
                        )
                    })?,
                    server: None,
                },
            },
        };
        chosen.check_tls()?;
        Ok(chosen)
    }

    fn check_tls(&self) -> Result<(), CollectorError> {
        let url = match self {
            Self::Folder { server, .. } => server.as_deref(),
            Self::Server { url, .. } => Some(url.as_str()),
            Self::Aws(fleet) => Some(fleet.api.as_str()),
        };
        let wants_tls = url.is_some_and(|url| url.starts_with("https://"));
        if wants_tls && !cfg!(feature = "https") {
            return Err(not_built_in("HTTPS", "https"));
        }
        Ok(())
    }
}

fn wanted(
    given: &Option<String>,
    option: &str,
    variable: Option<String>,
    name: &str,
) -> Result<String, CollectorError> {
    given
        .clone()
        .or(variable)
        .ok_or_else(|| usage(format!("a fleet in the cloud needs {option}, or {name}")))
}

fn usage(reason: String) -> CollectorError {
    CollectorError::Usage { reason }
}

fn not_built_in(what: &str, feature: &str) -> CollectorError {
    usage(format!(
        "this collector was built without {what}: build it with \
         `cargo build --release --package collector --features {feature}`"
    ))
}

#[cfg(feature = "aws")]
async fn open_aws(fleet: &AwsFleet) -> Result<CollectorPorts, CollectorError> {
    let place = store::aws::AwsPlace {
        environment: fleet.environment.parse()?,
        bucket: fleet.bucket.clone(),
    };
    Ok(store::aws::open_collector_ports(&place).await)
}

#[cfg(not(feature = "aws"))]
async fn open_aws(_fleet: &AwsFleet) -> Result<CollectorPorts, CollectorError> {
    Err(not_built_in("AWS", "aws"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Choice = Choice {
        data_dir: None,
        server: None,
        aws: None,
        bucket: None,
        api: None,
    };

    fn chosen(choice: &Choice, variables: &[(&str, &str)]) -> Result<Chosen, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        Chosen::of(choice, variable).map_err(|error| error.to_string())
    }

    fn staging() -> Chosen {
        Chosen::Aws(AwsFleet {
            environment: "staging".to_owned(),
            bucket: "a-bucket".to_owned(),
            api: "http://api".to_owned(),
        })
    }

    #[test]
    fn a_fleet_is_named_by_the_command_line_or_by_the_environment() {
        let variables = [(BUCKET, "a-bucket"), (API, "http://api")];
        let choice = Choice {
            aws: Some("staging".to_owned()),
            ..NOTHING
        };
        assert_eq!(chosen(&choice, &variables), Ok(staging()));
        let all = [variables.as_slice(), &[(ENVIRONMENT, "staging")]].concat();
        assert_eq!(chosen(&NOTHING, &all), Ok(staging()));
        let folder = Choice {
            data_dir: Some("data".into()),
            ..NOTHING
        };
        assert!(matches!(chosen(&folder, &all), Ok(Chosen::Folder { .. })));
    }

    #[test]
    fn what_is_missing_is_told_by_its_option_and_its_variable() {
        let choice = Choice {
            aws: Some("staging".to_owned()),
            ..NOTHING
        };
        assert_eq!(
            chosen(&choice, &[(API, "http://api")]).unwrap_err(),
            "a fleet in the cloud needs --bucket NAME, or PERFLEET_AWS_BUCKET"
        );
        assert!(chosen(&NOTHING, &[]).unwrap_err().contains("--aws ENV"));
        let server = Choice {
            server: Some("http://server".to_owned()),
            ..NOTHING
        };
        assert!(chosen(&server, &[]).unwrap_err().contains(TOKEN));
    }

    #[test]
    fn a_collector_without_aws_says_how_to_build_one_with_it() {
        let error = not_built_in("AWS", "aws").to_string();
        assert_eq!(
            error,
            "this collector was built without AWS: build it with \
             `cargo build --release --package collector --features aws`"
        );
    }
}
