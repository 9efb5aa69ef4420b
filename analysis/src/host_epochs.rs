//! How a host was set up over time: stretches of artifacts that it measured in one way.

use shared_types::ConfigurationId;
use shared_types::api::HostEpoch;
use shared_types::host::HostSetup;
use shared_types::series::SeriesArtifact;

/// The epochs of a host under one configuration, the newest first. `artifacts` are in order of
/// history. A setting that is not known of both neighbours is no difference between them.
pub fn host_epochs(
    configuration: &ConfigurationId,
    artifacts: &[SeriesArtifact],
    host: &str,
) -> Vec<HostEpoch> {
    let mut epochs: Vec<HostEpoch> = Vec::new();
    let mut before: Option<&HostSetup> = None;
    for artifact in artifacts {
        let own = artifact.setups.iter().filter(|setup| setup.host == host);
        for setup in own {
            let changes = before.map_or_else(Vec::new, |before| setup.changes_since(before));
            match epochs.last_mut() {
                Some(epoch) if changes.is_empty() => {
                    epoch.artifacts += u32::from(epoch.last != artifact.id);
                    epoch.last = artifact.id.clone();
                }
                _ => epochs.push(HostEpoch {
                    configuration: configuration.clone(),
                    first: artifact.id.clone(),
                    last: artifact.id.clone(),
                    artifacts: 1,
                    changes,
                }),
            }
            before = Some(setup);
        }
    }
    epochs.reverse();
    epochs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn artifacts(kernels: &[&[(&str, &str)]]) -> Vec<SeriesArtifact> {
        let setup = |(host, kernel): &(&str, &str)| HostSetup {
            host: (*host).to_owned(),
            settings: BTreeMap::from([("kernel".to_owned(), (*kernel).to_owned())]),
        };
        (0..)
            .zip(kernels)
            .map(|(ordinal, setups)| SeriesArtifact {
                id: format!("release-1.{ordinal}.0").parse().unwrap(),
                ordinal,
                commit_date: None,
                hosts: Vec::new(),
                setups: setups.iter().map(setup).collect(),
            })
            .collect()
    }

    fn in_words(kernels: &[&[(&str, &str)]]) -> Vec<String> {
        let epochs = host_epochs(&"zen4".parse().unwrap(), &artifacts(kernels), "a");
        let words = epochs.iter().map(|epoch| {
            let changes: Vec<String> = epoch.changes.iter().map(ToString::to_string).collect();
            let (first, last) = (&epoch.first, &epoch.last);
            format!(
                "{first} to {last}, {}: {}",
                epoch.artifacts,
                changes.join(", ")
            )
        });
        words.collect()
    }

    #[test]
    fn another_kernel_begins_another_epoch_and_other_hosts_do_not_matter() {
        let found = in_words(&[
            &[("a", "6.1")],
            &[("b", "6.9")],
            &[("a", "6.1")],
            &[("a", "6.8"), ("b", "6.9")],
        ]);
        assert_eq!(
            found,
            [
                "release-1.3.0 to release-1.3.0, 1: kernel 6.1 \u{2192} 6.8",
                "release-1.0.0 to release-1.2.0, 2: ",
            ]
        );
    }

    #[test]
    fn an_artifact_measured_twice_in_one_way_counts_once() {
        let found = in_words(&[&[("a", "6.1"), ("a", "6.1")]]);
        assert_eq!(found, ["release-1.0.0 to release-1.0.0, 1: "]);
        assert_eq!(in_words(&[&[("b", "6.1")], &[]]), [""; 0]);
    }
}
