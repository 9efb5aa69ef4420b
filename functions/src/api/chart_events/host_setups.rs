//! Where a host was set up differently from before: another kernel, another microcode, a setting.

use std::collections::BTreeMap;

use shared_types::api::ChartEvent;
use shared_types::host::HostSetup;
use shared_types::series::SeriesArtifact;

/// Where the set-up of a host changes, host by host, so that hosts which measure in turns are not
/// held against each other. `artifacts` are in order of history.
///
/// An artifact that was measured before a change and once more after it begins the new set-up.
pub(super) fn changes_of_setup(artifacts: &[&SeriesArtifact]) -> Vec<(usize, ChartEvent)> {
    let mut last: BTreeMap<&str, Vec<&HostSetup>> = BTreeMap::new();
    let mut found = Vec::new();
    for (place, artifact) in artifacts.iter().enumerate() {
        let mut here: BTreeMap<&str, Vec<&HostSetup>> = BTreeMap::new();
        for setup in &artifact.setups {
            here.entry(&setup.host).or_default().push(setup);
        }
        for (host, setups) in here {
            let earlier = last.insert(host, setups.clone()).unwrap_or_default();
            let newest = setups.iter().rev().find(|setup| !earlier.contains(setup));
            let (Some(before), Some(after)) = (earlier.last(), newest) else {
                continue;
            };
            let changes = after.changes_since(before);
            if !changes.is_empty() {
                let event = ChartEvent::HostSetup {
                    artifact: artifact.id.clone(),
                    host: host.to_owned(),
                    changes,
                };
                found.push((place, event));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_host_has_an_event_for_each_change_of_its_kernel_whatever_others_do(
            measured in proptest::collection::vec((0usize..3, 0usize..3), 0..20)
        ) {
            const HOSTS: [&str; 3] = ["a", "b", "c"];
            const KERNELS: [&str; 3] = ["6.1", "6.8", "6.12"];
            let rows: Vec<[(&str, &str); 1]> = measured
                .iter()
                .map(|(host, kernel)| [(HOSTS[*host], KERNELS[*kernel])])
                .collect();
            let rows: Vec<&[(&str, &str)]> = rows.iter().map(<[_; 1]>::as_slice).collect();
            let changes = |host: usize| {
                let kernels: Vec<usize> = measured
                    .iter()
                    .filter(|(other, _)| *other == host)
                    .map(|(_, kernel)| *kernel)
                    .collect();
                kernels.windows(2).filter(|pair| pair[0] != pair[1]).count()
            };
            let expected: usize = (0..HOSTS.len()).map(changes).sum();
            prop_assert_eq!(events(&rows).len(), expected);
        }
    }

    /// Artifacts 0, 1, … and how hosts were set up for each: host and kernel.
    fn events(measured: &[&[(&str, &str)]]) -> Vec<String> {
        let setup = |(host, kernel): &(&str, &str)| HostSetup {
            host: (*host).to_owned(),
            settings: BTreeMap::from([
                ("governor".to_owned(), "performance".to_owned()),
                ("kernel".to_owned(), (*kernel).to_owned()),
            ]),
        };
        let artifacts: Vec<SeriesArtifact> = (0..)
            .zip(measured)
            .map(|(ordinal, setups)| SeriesArtifact {
                id: format!("release-1.{ordinal}.0").parse().unwrap(),
                ordinal,
                commit_date: None,
                hosts: setups.iter().map(|(host, _)| (*host).to_owned()).collect(),
                setups: setups.iter().map(setup).collect(),
            })
            .collect();
        let artifacts: Vec<&SeriesArtifact> = artifacts.iter().collect();
        let words = |(place, event)| {
            let ChartEvent::HostSetup { host, changes, .. } = event else {
                panic!("another kind of event: {event:?}");
            };
            let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
            format!("{place} {host}: {}", changes.join(", "))
        };
        changes_of_setup(&artifacts)
            .into_iter()
            .map(words)
            .collect()
    }

    #[test]
    fn another_kernel_is_an_event_that_says_which_it_was_and_which_it_is() {
        let events = events(&[
            &[("zen4-a", "6.1")],
            &[("zen4-a", "6.1")],
            &[("zen4-a", "6.8")],
        ]);
        assert_eq!(events, ["2 zen4-a: kernel 6.1 \u{2192} 6.8"]);
    }

    #[test]
    fn hosts_that_measure_in_turns_are_not_held_against_each_other() {
        let events = events(&[
            &[("zen4-a", "6.1")],
            &[("zen4-b", "6.8")],
            &[("zen4-a", "6.1")],
            &[("zen4-b", "6.9")],
        ]);
        assert_eq!(events, ["3 zen4-b: kernel 6.8 \u{2192} 6.9"]);
    }

    #[test]
    fn an_artifact_that_was_measured_before_and_after_a_change_begins_the_new_setup_once() {
        let events = events(&[
            &[("zen4-a", "6.1")],
            &[("zen4-a", "6.1"), ("zen4-a", "6.8")],
            &[("zen4-a", "6.8")],
        ]);
        assert_eq!(events, ["1 zen4-a: kernel 6.1 \u{2192} 6.8"]);
    }

    #[test]
    fn an_artifact_of_which_no_setup_is_known_hides_no_change() {
        let events = events(&[&[("zen4-a", "6.1")], &[], &[("zen4-a", "6.8")]]);
        assert_eq!(events, ["2 zen4-a: kernel 6.1 \u{2192} 6.8"]);
    }
}
