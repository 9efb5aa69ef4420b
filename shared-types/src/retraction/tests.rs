use proptest::option;
use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn ranges() -> impl Strategy<Value = RetractionRange> {
    let run = (0u32..2, 0u32..2, option::of(1u32..3)).prop_map(|(artifact, id, replicate)| {
        let number = replicate.map_or_else(String::new, |number| format!("#{number}"));
        let text = format!("release-1.{artifact}.0@c{id}{number}");
        text.parse::<RetractedRun>().unwrap()
    });
    (
        option::of(0u32..2),
        option::of(0u32..2),
        option::of(run),
        option::of(0i64..6),
        option::of(0i64..6),
    )
        .prop_map(|(host, configuration, run, from, to)| RetractionRange {
            host: host.map(|number| format!("host-{number}")),
            configuration: configuration.map(|number| format!("c{number}").parse().unwrap()),
            run,
            from: from.map(at),
            to: to.map(at),
        })
}

/// Configuration, artifact, replicate, host and time of a result.
type Made = (u32, u32, u32, u32, i64);

fn covers(range: &RetractionRange, (id, artifact, replicate, host, second): Made) -> bool {
    let configuration = format!("c{id}").parse().unwrap();
    let run = MeasuredRun {
        artifact: format!("release-1.{artifact}.0").parse().unwrap(),
        replicate: replicate.try_into().unwrap(),
    };
    range.covers(ResultPlace {
        configuration: &configuration,
        run: &run,
        host: &format!("host-{host}"),
        measured_at: at(second),
    })
}

proptest! {
    #[test]
    fn saying_more_never_retracts_more(
        range in ranges(),
        result in (0u32..2, 0u32..2, 1u32..3, 0u32..2, 0i64..6),
    ) {
        let wider = [
            RetractionRange { host: None, ..range.clone() },
            RetractionRange { configuration: None, ..range.clone() },
            RetractionRange { run: None, ..range.clone() },
            RetractionRange { from: None, ..range.clone() },
            RetractionRange { to: None, ..range.clone() },
        ];
        if covers(&range, result) {
            for wider in wider {
                prop_assert!(covers(&wider, result));
            }
            let configuration = format!("c{}", result.0).parse().unwrap();
            prop_assert!(range.may_cover(&configuration));
        }
    }

    #[test]
    fn a_period_that_is_cut_in_two_retracts_the_same(
        range in ranges(),
        cut in 0i64..6,
        result in (0u32..2, 0u32..2, 1u32..3, 0u32..2, 0i64..6),
    ) {
        let within = range.from.is_none_or(|from| from <= at(cut))
            && range.to.is_none_or(|to| at(cut) <= to);
        prop_assume!(within);
        let before = RetractionRange { to: Some(at(cut)), ..range.clone() };
        let after = RetractionRange { from: Some(at(cut)), ..range.clone() };
        let (before, after) = (covers(&before, result), covers(&after, result));
        prop_assert_eq!(before || after, covers(&range, result));
        prop_assert!(!(before && after));
    }

    #[test]
    fn what_was_stored_is_read_as_it_was(range in ranges()) {
        prop_assume!(range.check().is_ok());
        let wanted = NewRetraction { range, reason: "the fan failed".to_owned() };
        let id = RetractionId::from_parts(1, &[7; 10]);
        let first = Retraction::beginning(id, wanted, "ada".to_owned(), at(9));
        let json = serde_json::to_vec(&first).unwrap();
        prop_assert_eq!(Retraction::from_json(&json).unwrap(), first);
    }
}

fn wanted(range: RetractionRange, reason: &str) -> Result<(), String> {
    let wanted = NewRetraction {
        range,
        reason: reason.to_owned(),
    };
    wanted.check().map_err(|error| error.to_string())
}

#[test]
fn a_retraction_of_nothing_or_without_a_reason_is_refused() {
    let of_host = RetractionRange {
        host: Some("zen4-a".to_owned()),
        ..RetractionRange::default()
    };
    assert_eq!(wanted(of_host.clone(), "the fan failed"), Ok(()));
    let refused = wanted(of_host.clone(), " ").unwrap_err();
    assert!(refused.contains("no reason"), "{refused}");
    let refused = wanted(RetractionRange::default(), "the fan failed").unwrap_err();
    assert!(refused.contains("names no range"), "{refused}");
    let backwards = RetractionRange {
        from: Some(at(5)),
        to: Some(at(5)),
        ..of_host
    };
    assert!(wanted(backwards, "the fan failed").is_err());
}

#[test]
fn a_run_of_another_configuration_than_the_one_named_is_refused() {
    let range = RetractionRange {
        configuration: Some("zen4".parse().unwrap()),
        run: Some("release-1.95.0@zen3#2".parse().unwrap()),
        ..RetractionRange::default()
    };
    assert!(wanted(range, "the fan failed").is_err());
}

#[test]
fn what_is_taken_back_covers_nothing() {
    let range = RetractionRange {
        host: Some("zen4-a".to_owned()),
        ..RetractionRange::default()
    };
    let new = NewRetraction {
        range,
        reason: "the fan failed.".to_owned(),
    };
    let id = RetractionId::from_parts(1, &[7; 10]);
    let first = Retraction::beginning(id, new, "ada".to_owned(), at(0));
    let configuration: ConfigurationId = "zen4".parse().unwrap();
    let run = MeasuredRun {
        artifact: "release-1.95.0".parse().unwrap(),
        replicate: Replicate::FIRST,
    };
    let result = ResultPlace {
        configuration: &configuration,
        run: &run,
        host: "zen4-a",
        measured_at: at(1),
    };
    assert!(first.retracts(result));
    assert!(!first.taken_back("bob".to_owned(), at(2)).retracts(result));
    assert_eq!(
        first.sentence(),
        "Results of host zen4-a were retracted by ada on 1970-01-01: the fan failed."
    );
}
