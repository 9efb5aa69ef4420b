//! Changes of series as a table, for terminals.

use shared_types::change_point::{ChangeNature, ChangePoint, ChangeStanding};
use shared_types::{ArtifactId, Metric};

use super::columns::aligned;
use super::numbers::{percent, value};
use crate::direction::is_regression;

/// Changes in the order given, one line each: since which artifact, of what, from which level to
/// which, and what became of it. Ends with a line break; empty of nothing.
pub fn changes(changes: &[ChangePoint], metric: &Metric) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let head = ["since", "test case", "before", "after", "change", "", ""];
    let rows: Vec<[String; 7]> = std::iter::once(head.map(str::to_owned))
        .chain(changes.iter().map(|change| cells(change, metric)))
        .collect();
    aligned(&rows, |column| (2..=4).contains(&column))
}

/// What a change is, and what became of it: `step, confirmed; between abc and def`.
pub fn what_became(change: &ChangePoint) -> String {
    let until = change.until.as_ref().map(ArtifactId::short);
    let what = match (change.nature, until) {
        (ChangeNature::Step, Some(until)) => format!("step, taken back by {until}"),
        (ChangeNature::Step, None) => format!("step, {}", state(change.state)),
        (ChangeNature::Drift, Some(until)) => format!("drift until {until}"),
        (ChangeNature::Drift, None) => "drift, still going on".to_owned(),
        (ChangeNature::BadRun, _) => "one bad run".to_owned(),
    };
    if change.earliest == change.latest {
        return what;
    }
    format!(
        "{what}; happened between {} and {}",
        change.earliest.short(),
        change.latest.short()
    )
}

fn state(state: ChangeStanding) -> &'static str {
    match state {
        ChangeStanding::Suspected => "suspected: too few runs since",
        ChangeStanding::Confirmed => "confirmed",
        ChangeStanding::Reverted => "taken back",
        ChangeStanding::Accepted => "the new baseline",
    }
}

fn cells(change: &ChangePoint, metric: &Metric) -> [String; 7] {
    let word = match change.change {
        Some(_) if change.nature == ChangeNature::BadRun => "",
        Some(relative) if is_regression(metric, relative) => "worse",
        Some(_) => "better",
        None => "",
    };
    [
        change.artifact.short(),
        change.test_case.clone(),
        value(change.before, metric.unit),
        value(change.after, metric.unit),
        change
            .change
            .map_or_else(|| "from zero".to_owned(), percent),
        word.to_owned(),
        what_became(change),
    ]
}

#[cfg(test)]
mod tests {
    use shared_types::Unit;

    use super::*;

    fn change(nature: ChangeNature, state: ChangeStanding) -> ChangePoint {
        let release = |minor: u32| format!("release-1.{minor}.0").parse().unwrap();
        ChangePoint {
            artifact: release(90),
            earliest: release(90),
            latest: release(90),
            test_case: "serde check full".to_owned(),
            metric: "wall-time".parse().unwrap(),
            nature,
            state,
            until: None,
            before: 1.0,
            after: 1.05,
            change: Some(0.05),
            noises: Some(4.0),
            stands: true,
        }
    }

    #[test]
    fn each_change_says_since_when_by_how_much_and_what_became_of_it() {
        let confirmed = ChangePoint {
            earliest: "release-1.89.0".parse().unwrap(),
            latest: "release-1.91.0".parse().unwrap(),
            ..change(ChangeNature::Step, ChangeStanding::Confirmed)
        };
        let reverted = ChangePoint {
            until: Some("release-1.92.0".parse().unwrap()),
            ..change(ChangeNature::Step, ChangeStanding::Reverted)
        };
        let from_zero = ChangePoint {
            before: 0.0,
            change: None,
            ..change(ChangeNature::Step, ChangeStanding::Suspected)
        };
        let all = [
            confirmed,
            reverted,
            from_zero,
            change(ChangeNature::Drift, ChangeStanding::Confirmed),
            ChangePoint {
                after: 0.9,
                change: Some(-0.1),
                ..change(ChangeNature::Step, ChangeStanding::Accepted)
            },
            change(ChangeNature::BadRun, ChangeStanding::Reverted),
        ];
        let metric = Metric::cost("wall-time".parse().unwrap(), Unit::Seconds);
        insta::assert_snapshot!(changes(&all, &metric));
    }

    #[test]
    fn of_no_change_nothing_is_said() {
        let metric = Metric::cost("wall-time".parse().unwrap(), Unit::Seconds);
        assert_eq!(changes(&[], &metric), "");
    }
}
